using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Cluster.Api.Codec;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Grpc.Core;

namespace Cluster.Agent.Sessions;

/// <summary>One duplex call to one manager, with the channel that carries it and the log publications. Owned by the session's pump.</summary>
internal sealed class DispatcherSession : IDispatcherSession
{
    private readonly NodeId _nodeId;
    private readonly ChannelBase _channel;
    private readonly CancellationTokenSource _ending;
    private readonly AsyncDuplexStreamingCall<Api.V1.AgentMessage, Api.V1.ManagerMessage> _call;
    private readonly TemplateMirror _templates;
    private readonly AssignmentParts _parts = new();
    private readonly Action<ValueList<string>> _followManagers;
    private readonly Action<NodeRole, ImmutableArray<byte>> _followIdentity;
    private readonly TimeProvider _timeProvider;

    public DispatcherSession(
        string manager,
        NodeId nodeId,
        ChannelBase channel,
        CancellationTokenSource ending,
        SessionHello hello,
        Action<ValueList<string>> followManagers,
        Action<NodeRole, ImmutableArray<byte>> followIdentity,
        TimeProvider timeProvider)
    {
        (Manager, _nodeId, _channel, _ending, _followManagers, _followIdentity, _timeProvider) = (manager, nodeId, channel, ending, followManagers, followIdentity, timeProvider);
        _templates = new TemplateMirror(hello.Held);
        _call = new Api.V1.Dispatcher.DispatcherClient(channel).Session(cancellationToken: ending.Token);
    }

    public string Manager { get; }

    public SessionWelcome Welcome { get; private set; } = new("", TimeSpan.Zero, 0, []);

    /// <summary>Says hello and waits for the welcome.</summary>
    /// <exception cref="RpcException">The manager refused, or cannot be reached.</exception>
    public async Task OpenAsync(SessionHello hello, TimeSpan patience)
    {
        using CancellationTokenSource impatience = new(patience, _timeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, impatience.Token);
        try
        {
            Task written = _call.RequestStream.WriteAsync(SessionCodec.ToProto(hello));
            bool hasFirst = await _call.ResponseStream.MoveNext(either.Token);
            await written;
            if (!hasFirst || _call.ResponseStream.Current.MessageCase != Api.V1.ManagerMessage.MessageOneofCase.Welcome)
            {
                throw new SessionLostException("the manager ended the session without a welcome");
            }
        }
        catch (Exception e) when (impatience.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            throw new SessionLostException($"no welcome within {patience.TotalSeconds:0} s", e);
        }

        Welcome = SessionCodec.ToModel(_call.ResponseStream.Current.Welcome);
        _followManagers(Welcome.Managers);
        if (Welcome.Role is { } role) _followIdentity(role, Welcome.RootsDigest);
    }

    public async IAsyncEnumerable<ManagerMessage> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        while (await MoveNextAsync(ct))
        {
            ManagerMessage? message = Decode(_call.ResponseStream.Current);
            if (message is ManagerMessage.ManagerList list) _followManagers(list.Addresses);
            if (message is ManagerMessage.RoleChange change) _followIdentity(change.Role, change.RootsDigest);
            if (message is not null) yield return message;
        }
    }

    public async Task SendAsync(AgentMessage message, CancellationToken ct)
    {
        try
        {
            await _call.RequestStream.WriteAsync(SessionCodec.ToProto(message, _timeProvider.GetUtcNow()), ct);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException)
        {
            throw Lost(e);
        }
    }

    public async Task PublishLogsAsync(string subscriptionId, IAsyncEnumerable<TaskLogLines> lines, CancellationToken ct)
    {
        try
        {
            using AsyncClientStreamingCall<Api.V1.LogPublication, Api.V1.LogPublicationResult> call =
                new Api.V1.LogRelay.LogRelayClient(_channel).Publish(cancellationToken: ct);
            await call.RequestStream.WriteAsync(new Api.V1.LogPublication { SubscriptionId = subscriptionId }, ct);
            await foreach (TaskLogLines next in lines.WithCancellation(ct))
            {
                await call.RequestStream.WriteAsync(LogPublications.ToProto(subscriptionId, _nodeId, next), ct);
            }

            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync;
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException && !ct.IsCancellationRequested)
        {
            throw Lost(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _call.Dispose();
        (_channel as IDisposable)?.Dispose();
        _ending.Dispose();
    }

    private async Task<bool> MoveNextAsync(CancellationToken ct)
    {
        try
        {
            return await _call.ResponseStream.MoveNext(ct);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException)
        {
            ct.ThrowIfCancellationRequested();
            throw Lost(e);
        }
    }

    private ManagerMessage? Decode(Api.V1.ManagerMessage message)
    {
        try
        {
            return SessionCodec.ToModel(message, _templates, _parts);
        }
        catch (CodecException e)
        {
            throw new SessionLostException($"manager {Manager} said something that is not well-formed: {e.Message}", e);
        }
    }

    private SessionLostException Lost(Exception cause) =>
        new(cause is RpcException rpc ? $"the session with manager {Manager} ended: {rpc.StatusCode}: {rpc.Status.Detail}" : $"the session with manager {Manager} broke: {cause.Message}", cause);
}
