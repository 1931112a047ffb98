namespace Grpc.Core;

/// <summary>What a transport gives to the call objects, in one object instead of four delegates per call.</summary>
internal interface ICallState : IDisposable
{
    Task<Metadata> ResponseHeadersAsync { get; }

    Status GetStatus();

    Metadata GetTrailers();
}
