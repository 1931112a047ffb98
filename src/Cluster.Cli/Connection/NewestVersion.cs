using Grpc.Core;

namespace Cluster.Cli.Connection;

/// <summary>Changes that name the version that they were made from, also while others change the same.</summary>
internal static class NewestVersion
{
    private const int MaxAttempts = 5;

    /// <summary>Reads and changes, and does both again when someone changed it in between: the same change on what it is now.</summary>
    public static async Task<T> ChangeAsync<T>(Func<Task<T>> readAndChange)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await readAndChange();
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Aborted && attempt < MaxAttempts)
            {
                // It is not the newest version any more.
            }
        }
    }
}
