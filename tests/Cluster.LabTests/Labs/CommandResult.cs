namespace Cluster.LabTests.Labs;

/// <summary>What a command left: its exit code and both streams, without the last line break.</summary>
internal sealed record CommandResult(string Command, int ExitCode, string Output, string Errors)
{
    public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public CommandResult OrThrow() => ExitCode == 0
        ? this
        : throw new InvalidOperationException($"'{Command}' ended with {ExitCode}:\n{Errors}\n{Output}".TrimEnd());
}
