using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Naming;
using Xunit;

namespace Cluster.UnitTests.Model.Naming;

public sealed class NamingTests
{
    [Fact]
    public void Names_tasks_by_service_slot_and_id()
    {
        Assert.Equal("web.2.000000000000000000000001p", TaskName.Of("web", Samples.Task));
        Assert.Equal("web.000000000000000000000000v.000000000000000000000001p", TaskName.Of("web", 0, new NodeId(31), new TaskId(61)));
    }

    [Fact]
    public void Prefix_is_the_range_of_ids_that_start_with_it()
    {
        Assert.True(IdPrefix.TryParse("000000000000000000000001", out IdPrefix prefix));
        Assert.Equal(new IdPrefix(36, 71), prefix);
        Assert.True(IdPrefix.TryParse("f5lxx1zz5pnorynqglhzmsp33", out IdPrefix whole));
        Assert.Equal(new IdPrefix(UInt128.MaxValue, UInt128.MaxValue), whole);
        Assert.True(IdPrefix.TryParse("f", out IdPrefix last));
        Assert.Equal(UInt128.MaxValue, last.Last);
        Assert.False(IdPrefix.TryParse("g", out _));
        Assert.False(IdPrefix.TryParse("", out _));
        Assert.False(IdPrefix.TryParse("A", out _));
    }

    [Fact]
    public void Finds_by_id_then_name_then_unique_prefix()
    {
        Thing a = new(36, "web"), b = new(37, "db"), c = new(5000, "0000000000000000000000010");
        Assert.Equal(a, Find("0000000000000000000000010", a, b, c).Value);
        Assert.Equal(b, Find("db", a, b, c).Value);
        Assert.Equal(b, Find("0000000000000000000000011", a, b).Value);
        Assert.Equal(RefusalKind.Invalid, Find("00000", a, b).Refusal!.Kind);
        Assert.Equal(RefusalKind.NotFound, Find("cache", a, b).Refusal!.Kind);
        Assert.Equal(RefusalKind.Invalid, Find("web", a, a with { Id = 99 }).Refusal!.Kind);
        Assert.Equal(RefusalKind.Invalid, Find("", a).Refusal!.Kind);
    }

    private static Result<Thing> Find(string text, params Thing[] things) => NameLookup.Find(things, text, "service", t => t.Id, t => t.Name);

    private sealed record Thing(UInt128 Id, string Name);
}
