using Grpc.Core;

namespace Cluster.Cli.Connection;

/// <summary>What to tell a user of a failed call: the server's own words where it has any.</summary>
internal static class RpcErrorText
{
    public static string Of(RpcException e) => e.StatusCode switch
    {
        StatusCode.Unavailable => $"the cluster does not answer: {Detail(e)}; it may have no leader at the moment, try again",
        StatusCode.DeadlineExceeded => "the cluster did not answer in time; what was asked may still happen: look before trying again",
        StatusCode.Unimplemented when e.Status.Detail.Length == 0 => "the daemon does not know this command: is it of an older version?",
        _ => Detail(e),
    };

    private static string Detail(RpcException e) => e.Status.Detail.Length > 0 ? e.Status.Detail : e.StatusCode.ToString();
}
