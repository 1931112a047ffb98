using Grpc.Core;

namespace Cluster.Rpc.Client;

/// <summary>How a call ended. The failure is null when the status is OK.</summary>
internal sealed record CallEnd(Status Status, Metadata Trailers, RpcException? Failure);
