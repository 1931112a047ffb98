using System.Buffers;
using Grpc.Core;

namespace Cluster.Rpc.Wire;

/// <summary>One received message while it is deserialized. One instance per thread is kept for reuse.</summary>
internal sealed class FramePayload : DeserializationContext
{
    [ThreadStatic]
    private static FramePayload? t_cached;

    private ReadOnlySequence<byte> _message;

    public override int PayloadLength => (int)_message.Length;

    /// <summary>Deserializes; a message that is not of its type ends the call with Internal.</summary>
    public static T Read<T>(Marshaller<T> marshaller, in ReadOnlySequence<byte> message)
    {
        FramePayload payload = t_cached ?? new FramePayload();
        t_cached = null;
        payload._message = message;
        try
        {
            return marshaller.ContextualDeserializer(payload);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Internal, "A received message cannot be read.", e));
        }
        finally
        {
            payload._message = default;
            t_cached = payload;
        }
    }

    public override byte[] PayloadAsNewBuffer() => _message.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _message;
}
