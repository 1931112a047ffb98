using System.CommandLine;
using Cluster.Api.Codec;
using Cluster.Cli.Completion;
using Cluster.Cli.Connection;
using Grpc.Core;

namespace Cluster.Cli.CommandLine;

/// <summary>
/// One verb: its flags as properties of the subclass, its work in <see cref="RunAsync"/>. Turns everything that goes wrong into one
/// line on stderr and exit code 1.
/// </summary>
internal abstract class CliCommand : Command
{
    protected CliCommand(CliContext context, string name, string description, params string[] aliases) : base(name, description)
    {
        Context = context;
        foreach (string alias in aliases) Aliases.Add(alias);
        SetAction(InvokeAsync);
    }

    protected CliContext Context { get; }

    protected TextWriter Output => Context.Output;

    protected abstract Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct);

    protected Option<string> Text(string name, string description, params string[] aliases)
    {
        Option<string> option = new(name, aliases) { Description = description };
        Add(option);
        return option;
    }

    protected Option<string[]> Texts(string name, string description, params string[] aliases)
    {
        Option<string[]> option = new(name, aliases) { Description = description, Arity = ArgumentArity.OneOrMore };
        Add(option);
        return option;
    }

    protected Option<bool> Switch(string name, string description, params string[] aliases)
    {
        Option<bool> option = new(name, aliases) { Description = description };
        Add(option);
        return option;
    }

    protected Argument<string> One(string name, string description)
    {
        Argument<string> argument = new(name) { Description = description };
        KnownNames.CompleteFrom(Context, argument);
        Add(argument);
        return argument;
    }

    protected Argument<string[]> OneOrMore(string name, string description)
    {
        Argument<string[]> argument = new(name) { Description = description, Arity = ArgumentArity.OneOrMore };
        KnownNames.CompleteFrom(Context, argument);
        Add(argument);
        return argument;
    }

    /// <summary>Flags of Swarm's command of the same name that this version refuses.</summary>
    protected void NotBuilt(params string[] flags)
    {
        foreach (string flag in flags) Add(UnbuiltFlag.Create(flag));
    }

    private async Task<int> InvokeAsync(ParseResult flags, CancellationToken ct)
    {
        try
        {
            using DaemonConnection daemon = ConnectionChoice.Open(flags, Context);
            await RunAsync(flags, daemon, ct);
            await Output.FlushAsync(CancellationToken.None);
            return 0;
        }
        catch (CliException e)
        {
            return Fail(e.Message);
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.Cancelled)
        {
            return Fail(RpcErrorText.Of(e));
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException)
        {
            return Fail("interrupted");
        }
        catch (CodecException e)
        {
            return Fail($"the daemon's answer is not understood ({e.Message}): are 'cluster' and 'clusterd' of the same version?");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(e.Message);
        }
    }

    private int Fail(string message)
    {
        Output.Flush();
        Context.Error.WriteLine($"cluster: {message.ReplaceLineEndings(" ")}");
        return 1;
    }
}
