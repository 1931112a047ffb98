using Cluster.Model;
using Cluster.Store.Maps;
using Xunit;

namespace Cluster.UnitTests.Store.Maps;

public sealed class SortedMapTests
{
    [Theory]
    [InlineData(1, 40, 3_000)]
    [InlineData(2, 700, 6_000)]
    [InlineData(3, 20_000, 20_000)]
    [InlineData(4, 20_000, 20_000)]
    [InlineData(5, 2_000, 20_000)]
    public void Equals_a_sorted_dictionary_and_keeps_old_versions_when_written_at_random(int seed, int keys, int writes)
    {
        Random random = new(seed);
        SortedMap<int, int> map = default;
        SortedDictionary<int, int> model = [];
        List<(SortedMap<int, int> Map, KeyValuePair<int, int>[] Expected)> versions = [];
        double growth = 0.7;
        for (int i = 0; i < writes; i++)
        {
            if (random.Next(writes / 6) == 0) growth = random.NextDouble();
            int key = random.Next(keys);
            if (random.NextDouble() < growth)
            {
                map.Set(key, i);
                model[key] = i;
            }
            else
            {
                Assert.Equal(model.Remove(key), map.Remove(key));
            }

            if (random.Next(writes / 20) == 0) versions.Add((map.Freeze(), [.. model]));
            if (random.Next(50) == 0) map.Freeze();
            Assert.Equal(model.Count, map.Count);
            int probe = random.Next(keys);
            Assert.Equal(model.TryGetValue(probe, out int expected) ? expected : null, map.TryGet(probe, out int found) ? found : (int?)null);
        }

        versions.Add((map.Freeze(), [.. model]));
        foreach ((SortedMap<int, int> version, KeyValuePair<int, int>[] expected) in versions) AssertSame(version, expected, random);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(28)]
    [InlineData(29)]
    [InlineData(1_000)]
    [InlineData(30_000)]
    public void Holds_what_it_was_built_of_and_can_be_written_to_after(int count)
    {
        int[] keys = [.. Enumerable.Range(0, count).Select(i => 2 * i)];
        SortedMap<int, int> map = SortedMap<int, int>.FromSorted(keys, keys);
        SortedDictionary<int, int> model = new(keys.ToDictionary(key => key));
        SortedMap<int, int> built = map.Freeze();
        Random random = new(count);
        for (int i = 0; i < 2_000; i++)
        {
            int key = random.Next(2 * count + 2);
            if (random.Next(2) == 0)
            {
                map.Set(key, -key);
                model[key] = -key;
            }
            else
            {
                Assert.Equal(model.Remove(key), map.Remove(key));
            }
        }

        AssertSame(map, [.. model], random);
        AssertSame(built, [.. keys.Select(key => KeyValuePair.Create(key, key))], random);
    }

    [Fact]
    public void Becomes_empty_and_usable_again_when_all_is_removed()
    {
        SortedMap<int, int> map = default;
        for (int i = 0; i < 5_000; i++) map.Set(i, i);
        for (int i = 4_999; i >= 0; i--) Assert.True(map.Remove(i));
        Assert.Equal(0, map.Count);
        Assert.Empty(map.All());
        map.Set(7, 8);
        Assert.Equal([8], map.All());
    }

    [Fact]
    public void Shows_the_state_at_the_call_when_written_to_during_enumeration()
    {
        SortedMap<int, int> map = default;
        for (int i = 0; i < 1_000; i++) map.Set(i, i);
        List<int> seen = [];
        foreach (int value in map.All())
        {
            seen.Add(value);
            map.Set(value, -1);
            map.Remove(value + 1);
            map.Set(value + 5_000, 0);
        }

        Assert.Equal(Enumerable.Range(0, 1_000), seen);
    }

    [Fact]
    public void Refuses_to_be_built_of_unsorted_keys()
    {
        Assert.Throws<InvariantException>(() => SortedMap<int, int>.FromSorted([1, 1], [1, 1]));
        Assert.Throws<InvariantException>(() => SortedMap<int, int>.FromSorted([2, 1], [1, 1]));
        Assert.Throws<InvariantException>(() => SortedMap<int, int>.FromSorted([1, 2], [1]));
    }

    private static void AssertSame(SortedMap<int, int> map, KeyValuePair<int, int>[] expected, Random random)
    {
        Assert.Equal(expected.Length, map.Count);
        Assert.Equal(expected.Select(pair => pair.Value), map.All());
        foreach (KeyValuePair<int, int> pair in expected) Assert.Equal(pair.Value, map.Get(pair.Key));
        int highest = expected.Length == 0 ? 1 : expected[^1].Key + 2;
        for (int i = 0; i < 20; i++)
        {
            int first = random.Next(-1, highest), last = random.Next(-1, highest);
            Assert.Equal(expected.Where(pair => pair.Key >= first && pair.Key <= last).Select(pair => pair.Value), map.Range(first, last));
            Assert.Equal(expected.Where(pair => pair.Key >= first).Select(pair => pair.Value), map.Range(first, null));
        }
    }
}
