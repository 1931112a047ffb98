using System.Diagnostics;
using System.Text;
using Xunit;

namespace Cluster.UnitTests.Rpc.Interop;

/// <summary>A script beside these tests, run with Debian's Python. Ends when disposed: its standard input closes, then it is killed.</summary>
internal sealed class PythonProcess : IAsyncDisposable
{
    private const string Interpreter = "/usr/bin/python3";

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private PythonProcess(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors) _errors.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
    }

    public StreamReader Output => _process.StandardOutput;

    public string Errors
    {
        get
        {
            lock (_errors) return _errors.ToString();
        }
    }

    public static async Task<PythonProcess> StartAsync(string script, params string[] arguments)
    {
        Assert.True(
            File.Exists(Interpreter) && await RunsAsync("-c", "import grpc, google.protobuf"),
            "This test needs another gRPC implementation: install the packages python3-grpcio and python3-protobuf (apt-get install python3-grpcio).");
        return Start([Path.Combine(AppContext.BaseDirectory, "Rpc", "Interop", script), .. arguments]);
    }

    public async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(RpcTestServer.Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        _process.Dispose();
    }

    private static async Task<bool> RunsAsync(params string[] arguments)
    {
        await using PythonProcess process = Start(arguments);
        return await process.WaitAsync() == 0;
    }

    private static PythonProcess Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Interpreter, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        return new PythonProcess(Process.Start(start)!);
    }
}
