using Cluster.Api.V1;
using Cluster.Manager.Security;
using Grpc.Core;

namespace Cluster.Manager.LogRelaying;

/// <summary>Takes log lines from agents, for the subscription that they were asked for.</summary>
internal sealed class LogRelayService(LogBroker broker, Authorizer authorizer) : LogRelay.LogRelayBase
{
    public override async Task<LogPublicationResult> Publish(IAsyncStreamReader<LogPublication> requestStream, ServerCallContext context)
    {
        if (authorizer.CallerOf(context).NodeId is not { } publisher) throw new RpcException(new Status(StatusCode.Unauthenticated, "only a node publishes logs"));

        LogSubscription? subscription = null;
        try
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                LogPublication publication = requestStream.Current;
                subscription ??= broker.Find(publication.SubscriptionId, publisher);

                // The reader has gone: the agent may stop.
                if (subscription is null || subscription.Publications.Reader.Completion.IsCompleted) return new LogPublicationResult();
                await subscription.PublishAsync(publication, context.CancellationToken);
            }

            subscription?.End(null);
            return new LogPublicationResult();
        }
        catch (System.Threading.Channels.ChannelClosedException)
        {
            return new LogPublicationResult();
        }
        catch (Exception e) when (e is not RpcException)
        {
            subscription?.End($"node {publisher} broke off in the middle of its logs");
            throw;
        }
    }
}
