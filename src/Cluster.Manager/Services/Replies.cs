using Cluster.Api.Codec;
using Cluster.Manager.Hosting;
using Cluster.Model;
using Grpc.Core;

namespace Cluster.Manager.Services;

/// <summary>Turns what a command may throw on its way into the status that the caller gets.</summary>
internal static class Replies
{
    public static async Task<T> Of<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (CodecException e)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, e.Message));
        }
        catch (System.Threading.Channels.ChannelClosedException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "this manager stops at the moment: ask another one, or again"));
        }
        catch (Exception e) when (e is LeadershipLostException or NoLeaderException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, e.Message));
        }
    }

    public static RpcException Refused(RefusalKind kind, string message) => Api.Errors.RefusalStatus.ToRpcException(new Refusal(kind, message));
}
