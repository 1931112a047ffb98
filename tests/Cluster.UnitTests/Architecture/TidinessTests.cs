using System.Text.RegularExpressions;
using Xunit;

namespace Cluster.UnitTests.Architecture;

/// <summary>What keeps the house one that people want to live in, as far as a test can see it.</summary>
public sealed partial class TidinessTests
{
    private const int MaxLines = 400;

    /// <summary>Files that may be longer, each with its reason.</summary>
    private static readonly Dictionary<string, string> MayBeLong = new(StringComparer.Ordinal);

    [Fact]
    public void No_file_is_too_long()
    {
        IEnumerable<string> files = ["src", "tests"];
        Assert.Empty(files.SelectMany(d => Sources.Files(d, "*.cs")).Where(file => !MayBeLong.ContainsKey(file) && Sources.Read(file).Count(c => c == '\n') > MaxLines));
    }

    [Fact]
    public void Every_project_explains_itself() =>
        Assert.Empty(Sources.Projects.Where(project => !File.Exists(Path.Combine(Sources.Root, "src", project, "README.md"))));

    [Fact]
    public void Nothing_is_left_for_later() =>
        Assert.Empty(Sources.Files("src", "*.cs").Where(file => Unfinished().IsMatch(Sources.Read(file))));

    [Fact]
    public void Serilog_is_only_in_the_programs() =>
        AssertOnlyIn(["Cluster.Daemon", "Cluster.Cli"], "*.cs", SerilogUse());

    [Fact]
    public void Native_calls_are_only_where_the_kernel_is_the_subject()
    {
        AssertOnlyIn(["Cluster.Raft", "Cluster.Containers", "Cluster.Network"], "*.cs", NativeCall());
        IEnumerable<string> elsewhere = Sources.Files("src", "*.cs").Where(file => NativeCall().IsMatch(Sources.Read(file)) && !file.Contains("/Interop/", StringComparison.Ordinal));
        Assert.Empty(elsewhere);
    }

    [Fact]
    public void Generated_code_is_only_at_the_edges() => AssertOnlyIn(["Cluster.Api", "Cluster.Containers"], "*.csproj", ProtobufItem());

    [Fact]
    public void Every_enumeration_on_the_wire_starts_with_unspecified() =>
        Assert.Empty(
            from file in Sources.Files("proto/cluster", "*.proto")
            from Match match in EnumStart().Matches(Sources.Read(file))
            where !match.Groups["first"].Value.EndsWith("_UNSPECIFIED = 0", StringComparison.Ordinal)
            select $"{file}: {match.Groups["name"].Value}");

    private static void AssertOnlyIn(string[] projects, string pattern, Regex use) =>
        Assert.Empty(Sources.Files("src", pattern).Where(file => !projects.Contains(Sources.ProjectOf(file)) && use.IsMatch(Sources.Read(file))));

    [GeneratedRegex(@"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedException")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^\s*(global )?using (static )?Serilog\b|\bSerilog\.", RegexOptions.Multiline)]
    private static partial Regex SerilogUse();

    [GeneratedRegex(@"\[(DllImport|LibraryImport)\b")]
    private static partial Regex NativeCall();

    [GeneratedRegex(@"<Protobuf\b")]
    private static partial Regex ProtobufItem();

    [GeneratedRegex(@"^enum (?<name>\w+) \{\s*(//[^\n]*\s*)*(?<first>\w+ = \d+)", RegexOptions.Multiline)]
    private static partial Regex EnumStart();
}
