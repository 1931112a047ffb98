using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Rpc.Server;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Cli.Fakes;

/// <summary>A daemon without anything behind it, on a unix socket of its own, and the command line that talks to it.</summary>
internal sealed class FakeDaemon : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cli-").FullName;
    private readonly RpcServer _server;

    private FakeDaemon() => _server = new RpcServer(new RpcServerOptions
    {
        Endpoints = [RpcEndpoint.Unix(Socket)],
        Services =
        [
            Cluster.Api.V1.Control.BindService(Control), LocalNode.BindService(Node), Cluster.Api.V1.Images.BindService(Images),
            Cluster.Api.V1.Logs.BindService(Logs), Cluster.Api.V1.Watch.BindService(Watch),
        ],
    });

    public FakeControl Control { get; } = new();

    public FakeNode Node { get; } = new();

    public FakeImages Images { get; } = new();

    public FakeLogs Logs { get; } = new();

    public FakeWatch Watch { get; } = new();

    /// <summary>What is typed in when a command asks for a secret.</summary>
    public string? Secret { get; set; }

    public string Socket => Path.Combine(_directory, "d.sock");

    public static async Task<FakeDaemon> StartAsync()
    {
        FakeDaemon daemon = new();
        await daemon._server.StartAsync(CancellationToken.None);
        return daemon;
    }

    public Task<CliResult> RunAsync(params string[] arguments) => CliResult.OfAsync(FromShell, Secret, ["--socket", Socket, .. arguments]);

    /// <summary>Runs and expects success; the lines of stdout.</summary>
    public async Task<string> OkAsync(params string[] arguments)
    {
        CliResult result = await RunAsync(arguments);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"exit code {result.ExitCode}: {result.Error}");
    }

    /// <summary>Runs and expects failure; stderr.</summary>
    public async Task<string> FailAsync(params string[] arguments)
    {
        CliResult result = await RunAsync(arguments);
        return result.ExitCode == 1 ? result.Error : throw new InvalidOperationException($"exit code {result.ExitCode}: {result.Output}");
    }

    private static string? FromShell(string name) => name == "FROM_SHELL" ? "yes" : null;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}

internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    public static Task<CliResult> OfAsync(params string[] arguments) => OfAsync(name => name == "FROM_SHELL" ? "yes" : null, arguments);

    public static Task<CliResult> OfAsync(Func<string, string?> environment, params string[] arguments) => OfAsync(environment, secret: null, arguments);

    public static async Task<CliResult> OfAsync(Func<string, string?> environment, string? secret, string[] arguments)
    {
        StringWriter output = new(), error = new();
        CliContext context = new()
        {
            Output = output,
            Error = error,
            Environment = environment,
            ReadSecret = _ => secret,
        };
        int code = await CliProgram.RunAsync(arguments, context, CancellationToken.None);
        return new CliResult(code, output.ToString(), error.ToString());
    }
}
