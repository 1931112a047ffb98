using System.Reflection;
using System.Xml.Linq;
using Xunit;

namespace Cluster.UnitTests.Architecture;

/// <summary>Which project may know which: the table of src/ARCHITECTURE.md. A project that is not in it has no place yet.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Model"] = [],
        ["Rpc"] = [],
        ["Raft"] = [],
        ["Rpc.Server"] = ["Rpc"],
        ["Api"] = ["Model", "Rpc"],
        ["Store"] = ["Model", "Api", "Raft"],
        ["Control"] = ["Model", "Store"],
        ["Compose"] = ["Model"],
        ["Agent"] = ["Model", "Api", "Rpc"],
        ["Containers"] = ["Agent", "Model", "Rpc"],
        ["Network"] = ["Agent", "Model"],
        ["Manager"] = ["Model", "Rpc", "Rpc.Server", "Api", "Raft", "Store", "Control"],
        ["Node"] = ["Model", "Rpc", "Rpc.Server", "Api"],
        ["Daemon"] = ["Node", "Manager", "Agent", "Containers", "Network", "Model", "Rpc"],
        ["Cli"] = ["Model", "Rpc", "Api", "Compose"],
    };

    /// <summary>What the simulator must run without: everything that does I/O.</summary>
    private static readonly string[] AllowedForSimulation = ["Model", "Api", "Rpc", "Raft", "Store", "Control", "Agent"];

    public static TheoryData<string> Projects => [.. Sources.Projects];

    [Theory, MemberData(nameof(Projects))]
    public void Projects_refer_only_to_what_they_may_know(string project)
    {
        string name = Short(project);
        Assert.True(Allowed.ContainsKey(name), $"{project} is not in the table of allowed references: give it a place there and in src/ARCHITECTURE.md");
        Assert.Empty(ReferencesOf($"src/{project}/{project}.csproj").Except(Allowed[name]));
    }

    [Theory, MemberData(nameof(Projects))]
    public void Assemblies_refer_only_to_what_they_may_know(string project)
    {
        string file = Path.Combine(AppContext.BaseDirectory, (project == "Cluster.Cli" ? "cluster" : project) + ".dll");
        if (!File.Exists(file)) return;
        IEnumerable<string> used = Assembly.LoadFrom(file).GetReferencedAssemblies().Select(a => a.Name!).Where(n => n.StartsWith("Cluster.", StringComparison.Ordinal)).Select(Short);
        Assert.Empty(used.Except(Allowed[Short(project)]));
    }

    [Theory]
    [InlineData("tests/Cluster.Testing/Cluster.Testing.csproj")]
    [InlineData("tests/Cluster.Simulation/Cluster.Simulation.csproj")]
    public void Simulation_refers_to_nothing_that_does_io(string file) => Assert.Empty(ReferencesOf(file).Except([.. AllowedForSimulation, "Testing"]));

    [Theory]
    [InlineData("Cluster.Store")]
    [InlineData("Cluster.Control")]
    public void Generated_types_are_in_no_public_surface(string assembly)
    {
        const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        IEnumerable<string> leaks =
            from type in Assembly.Load(assembly).GetExportedTypes()
            from member in type.GetMembers(Public)
            from used in TypesOf(member)
            where IsGenerated(used)
            select $"{type.FullName}.{member.Name} shows {used.FullName}";
        Assert.Empty(leaks);
    }

    private static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        MethodBase method => [.. method.GetParameters().SelectMany(p => Flat(p.ParameterType)), .. method is MethodInfo info ? Flat(info.ReturnType) : []],
        PropertyInfo property => Flat(property.PropertyType),
        FieldInfo field => Flat(field.FieldType),
        EventInfo @event => Flat(@event.EventHandlerType!),
        _ => [],
    };

    private static IEnumerable<Type> Flat(Type type) =>
        [type, .. type.HasElementType ? Flat(type.GetElementType()!) : [], .. type.IsGenericType ? type.GetGenericArguments().SelectMany(Flat) : []];

    private static bool IsGenerated(Type type) =>
        type.Namespace is { } space && (space.StartsWith("Cluster.Api.V1", StringComparison.Ordinal) || space.StartsWith("Cluster.Api.Storage", StringComparison.Ordinal)
            || space.StartsWith("Google.Protobuf", StringComparison.Ordinal) || space.StartsWith("Grpc.", StringComparison.Ordinal));

    private static IEnumerable<string> ReferencesOf(string csproj) =>
        XDocument.Parse(Sources.Read(csproj)).Descendants("ProjectReference").Select(r => Short(Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value)));

    private static string Short(string project) => project["Cluster.".Length..];
}
