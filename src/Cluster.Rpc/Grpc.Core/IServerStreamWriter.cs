namespace Grpc.Core;

/// <summary>The responses of a streaming handler.</summary>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>;
