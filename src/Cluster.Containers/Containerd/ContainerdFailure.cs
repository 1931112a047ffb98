using Cluster.Agent.Runtime;
using Grpc.Core;

namespace Cluster.Containers.Containerd;

/// <summary>
/// Says whose fault a failed call is, once, at the edge. What runc says about the container it was to make is the task's fault, unless the
/// text shows that the machine ran out of something; all else may pass.
/// </summary>
internal static class ContainerdFailure
{
    private static readonly string[] RuntimeMarks = ["OCI runtime create failed", "OCI runtime start failed", "runc create failed", "runc did not terminate"];

    private static readonly string[] PassingMarks =
    [
        "cannot allocate memory", "resource temporarily unavailable", "no space left on device", "too many open files", "context deadline exceeded",
        "context canceled", "ttrpc: closed", "device or resource busy", "interrupted system call", "input/output error",
    ];

    private static readonly string[] Prefixes =
    [
        "failed to create shim task: ", "OCI runtime create failed: ", "OCI runtime start failed: ", "runc create failed: ",
        "unable to start container process: ", "error during container init: ", "container_linux.go:380: ",
    ];

    public static RuntimeException Of(string operation, RpcException cause)
    {
        string detail = cause.Status.Detail;
        bool isRuntimes = Array.Exists(RuntimeMarks, mark => detail.Contains(mark, StringComparison.Ordinal));
        bool isPassing = Array.Exists(PassingMarks, mark => detail.Contains(mark, StringComparison.OrdinalIgnoreCase));
        if (isRuntimes && !isPassing) return new RuntimeException(Essence(detail), IsTemporary: false, cause);
        return new RuntimeException($"{operation}: containerd: {detail} ({cause.StatusCode})", IsTemporary: true, cause);
    }

    public static bool IsNotFound(RpcException exception) => exception.StatusCode == StatusCode.NotFound;

    public static bool IsAlreadyThere(RpcException exception) => exception.StatusCode == StatusCode.AlreadyExists;

    /// <summary>containerd did not answer, as while it restarts.</summary>
    public static bool IsUnavailable(RpcException exception) =>
        exception.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Aborted
        || exception.StatusCode is StatusCode.Unknown or StatusCode.Internal or StatusCode.Cancelled && exception.Status.Detail.Contains("ttrpc", StringComparison.Ordinal);

    /// <summary>What the user can act on: without the names of the programs it passed through.</summary>
    internal static string Essence(string detail)
    {
        string text = detail.EndsWith(": unknown", StringComparison.Ordinal) ? detail[..^": unknown".Length] : detail;
        bool shortened = true;
        while (shortened)
        {
            shortened = false;
            foreach (string prefix in Prefixes)
            {
                if (!text.StartsWith(prefix, StringComparison.Ordinal)) continue;
                text = text[prefix.Length..];
                shortened = true;
            }
        }

        return text;
    }
}
