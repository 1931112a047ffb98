using Cluster.Simulation.Invariants;

namespace Cluster.Simulation.PlantedBugs;

/// <summary>A patch that breaks the product, with the invariant that must notice: a line <c>Breach: NAME</c> before the difference.</summary>
internal sealed record PlantedBug(string Name, string File, Breach Breach, string Project)
{
    private const string BreachMark = "Breach: ";
    private const string FileMark = "+++ b/src/";

    public static PlantedBug Read(string file)
    {
        string[] lines = System.IO.File.ReadAllLines(file);
        string breach = lines.First(l => l.StartsWith(BreachMark, StringComparison.Ordinal))[BreachMark.Length..];
        string changed = lines.Single(l => l.StartsWith(FileMark, StringComparison.Ordinal))[FileMark.Length..];
        return new PlantedBug(Path.GetFileNameWithoutExtension(file), file, Enum.Parse<Breach>(breach), changed[..changed.IndexOf('/')]);
    }

    public static IReadOnlyList<PlantedBug> All(string repository) =>
    [
        .. Directory.GetFiles(Path.Combine(repository, "tests/Cluster.Simulation/PlantedBugs"), "*.patch").Order(StringComparer.Ordinal).Select(Read),
    ];
}
