using Cluster.Simulation.Invariants;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.Simulation.PlantedBugs;

/// <summary>The simulator finds what it says it finds: each patch in this folder breaks the product, and the named invariant must notice.</summary>
public sealed class PlantedBugTests(PlantedBugWorkshop workshop, ITestOutputHelper output) : IClassFixture<PlantedBugWorkshop>
{
    private const ulong FirstSeed = 1_000;
    private const int Seeds = 100;

    [Theory]
    [MemberData(nameof(Names))]
    public void Patch_applies(string name) => Assert.Equal("", PlantedBugWorkshop.Try(Find(name)));

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_caught_by_its_invariant(string name)
    {
        PlantedBug bug = Find(name);
        (int exitCode, string found) = workshop.Hunt(bug, FirstSeed, Seeds);
        output.WriteLine(found);
        Assert.True(exitCode == 0, $"{name}: {bug.Breach} was not broken:\n{found}");
    }

    [Fact]
    public void There_is_one_for_each_kind_of_invariant()
    {
        Breach[] without = [Breach.Product, Breach.RowsInconsistent];
        Assert.Empty(Enum.GetValues<Breach>().Except(without).Except(PlantedBug.All(PlantedBugWorkshop.Repository).Select(bug => bug.Breach)));
    }

    public static TheoryData<string> Names()
    {
        TheoryData<string> names = [];
        foreach (PlantedBug bug in PlantedBug.All(PlantedBugWorkshop.Repository)) names.Add(bug.Name);
        return names;
    }

    private static PlantedBug Find(string name) => PlantedBug.All(PlantedBugWorkshop.Repository).Single(bug => bug.Name == name);
}
