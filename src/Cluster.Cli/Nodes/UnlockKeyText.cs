using Cluster.Api.V1;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Nodes;

/// <summary>Shows the unlock key to whoever has to keep it.</summary>
internal static class UnlockKeyText
{
    public static async Task WriteAsync(DaemonConnection daemon, TextWriter output, CancellationToken ct) =>
        await WriteAsync(output, (await daemon.CallAsync(() => daemon.Control.GetUnlockKeyAsync(new GetUnlockKeyRequest(), daemon.Soon(ct)))).UnlockKey);

    public static Task WriteAsync(TextWriter output, string unlockKey) => output.WriteLineAsync($"""

        To unlock a manager after it was started again, run 'cluster node unlock' on it and give it this key:

            {unlockKey}

        Keep it in a password manager: without it, a manager that stops cannot be started again.
        """);
}
