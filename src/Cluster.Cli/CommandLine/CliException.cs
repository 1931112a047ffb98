using Cluster.Model;

namespace Cluster.Cli.CommandLine;

/// <summary>A command that cannot go on: one line that says what was refused, why, and what to do.</summary>
internal sealed class CliException(string message) : Exception(message);

internal static class CliResults
{
    public static T OrFail<T>(this Result<T> result) => result.Refusal is { } refusal ? throw new CliException(refusal.Message) : result.Value;
}
