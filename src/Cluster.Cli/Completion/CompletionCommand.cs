using System.CommandLine;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Completion;

/// <summary><c>completion</c>: prints what a shell has to run so that the Tab key completes commands, flags and names.</summary>
internal sealed class CompletionCommand : CliCommand
{
    private readonly Argument<string> _shell;

    public CompletionCommand(CliContext context)
        : base(context, "completion", "Print what makes the Tab key complete commands, flags and names: for bash 'source <(cluster completion bash)', in ~/.bashrc")
    {
        _shell = One("SHELL", "bash, zsh or fish");
        _shell.CompletionSources.Add("bash", "zsh", "fish");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        string shell = flags.GetRequiredValue(_shell);
        await Output.WriteAsync(shell switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            _ => throw new CliException($"shell '{shell}' is not known: allowed are bash, zsh and fish"),
        });
    }

    // The directive [suggest:N] makes 'cluster' print, one a line, what can stand at position N of the line.
    private const string Bash = """
        _cluster_complete() {
            local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]}
            COMPREPLY=($(cluster "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null | grep -F -- "$word"))
        }
        complete -o default -F _cluster_complete cluster

        """;

    private const string Zsh = """
        #compdef cluster
        _cluster() {
            local -a words_found
            words_found=("${(@f)$(cluster "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
            compadd -- $words_found
        }
        compdef _cluster cluster

        """;

    private const string Fish = """
        complete -c cluster -f -a '(cluster "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'

        """;
}
