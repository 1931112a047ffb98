using System.Runtime.InteropServices;
using Grpc.Core;

namespace Cluster.Rpc.Server.Calls;

/// <summary>Counts what each identity has in flight, so that one client cannot take all. Any thread.</summary>
internal sealed class CallQuota(RpcServerOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, InFlight> _identities = [];

    /// <summary>Every call that is let in is to be ended with <see cref="Leave"/>.</summary>
    public Status Enter(string identity, bool isStream)
    {
        lock (_gate)
        {
            ref InFlight inFlight = ref CollectionsMarshal.GetValueRefOrAddDefault(_identities, identity, out _);
            if (inFlight.Calls >= options.MaxCallsPerIdentity) return TooMany(identity, inFlight.Calls, "calls");
            if (isStream && inFlight.Streams >= options.MaxStreamsPerIdentity) return TooMany(identity, inFlight.Streams, "streams");
            inFlight.Calls++;
            if (isStream) inFlight.Streams++;
            return Status.DefaultSuccess;
        }
    }

    public void Leave(string identity, bool isStream)
    {
        lock (_gate)
        {
            ref InFlight inFlight = ref CollectionsMarshal.GetValueRefOrNullRef(_identities, identity);
            if (isStream) inFlight.Streams--;
            if (--inFlight.Calls == 0) _identities.Remove(identity);
        }
    }

    private static Status TooMany(string identity, int count, string what) =>
        new(StatusCode.ResourceExhausted, $"{identity} has {count} {what} open at this server, which is the limit: end some, or wait until they end");

    private struct InFlight
    {
        public int Calls;
        public int Streams;
    }
}
