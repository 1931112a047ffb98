using System.CommandLine;
using System.CommandLine.Parsing;

namespace Cluster.Cli.CommandLine;

/// <summary>Runs one command line: exit code 0 when it did what it was asked to, 1 when not, with one line about it on stderr.</summary>
internal static class CliProgram
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliContext context, CancellationToken ct)
    {
        RootCommand root = CliRoot.Create(context);
        ParseResult parsed = root.Parse(arguments);
        if (IsOnlyANoun(parsed)) parsed = root.Parse([.. arguments, "--help"]);
        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
        {
            await context.Error.WriteLineAsync($"cluster: {Describe(parsed)}");
            return 1;
        }

        InvocationConfiguration invocation = new() { Output = context.Output, Error = context.Error, EnableDefaultExceptionHandler = false };
        return await parsed.InvokeAsync(invocation, ct);
    }

    /// <summary>As in <c>cluster service</c>: show what can follow.</summary>
    private static bool IsOnlyANoun(ParseResult parsed) =>
        parsed.Errors.Count > 0 && parsed.UnmatchedTokens.Count == 0
        && parsed.CommandResult.Command is { Subcommands.Count: > 0, Action: null };

    private static string Describe(ParseResult parsed)
    {
        ParseError first = parsed.Errors.FirstOrDefault(e => e.Message.Contains(UnbuiltFlag.Marker, StringComparison.Ordinal)) ?? parsed.Errors[0];
        string path = string.Join(' ', Path(parsed.CommandResult));
        string problem = first.Message.TrimEnd('.');
        if (first.SymbolResult is OptionResult { IdentifierToken: { } flag, Tokens: [.., var value] } && problem.StartsWith("Cannot parse", StringComparison.Ordinal))
            problem = $"{flag.Value} '{value.Value}' is not a number";
        else if (parsed.UnmatchedTokens is [var unknown, ..])
            problem = unknown.StartsWith('-') ? $"flag {unknown} is not known" : $"'{unknown}' is not known here";
        return $"{problem}; see '{path} --help'";
    }

    private static Stack<string> Path(CommandResult result)
    {
        Stack<string> names = [];
        for (SymbolResult? at = result; at is CommandResult command; at = at.Parent) names.Push(command.Command is RootCommand ? "cluster" : command.Command.Name);
        return names;
    }
}
