using System.Buffers.Binary;
using Cluster.Raft.Messages;

namespace Cluster.Manager.Peers;

/// <summary>
/// Takes messages from the bytes of one stream as they arrive. Those that lie within one piece refer to it; one that is spread over several
/// is put together in memory of its own. One thread at a time.
/// </summary>
/// <param name="maxMessageBytes">A longer message is refused before room is made for it.</param>
internal sealed class MessageReader(int maxMessageBytes)
{
    private readonly byte[] _length = new byte[MessageWriter.LengthBytes];
    private int _lengthFilled;
    private byte[]? _message;
    private int _messageFilled;

    /// <summary>Adds the messages that the piece completes. The piece must not change afterwards.</summary>
    /// <exception cref="InvalidDataException">These are no messages.</exception>
    public void Read(ReadOnlyMemory<byte> piece, List<RaftMessage> messages)
    {
        while (!piece.IsEmpty)
        {
            if (_message is null && !TakeLength(ref piece)) return;
            if (_message is null)
            {
                int length = CheckedLength();
                if (piece.Length >= length)
                {
                    messages.Add(RaftMessageCodec.Decode(piece[..length]));
                    piece = piece[length..];
                    _lengthFilled = 0;
                    continue;
                }

                (_message, _messageFilled) = (new byte[length], 0);
            }

            Continue(ref piece, messages);
        }
    }

    private bool TakeLength(ref ReadOnlyMemory<byte> piece)
    {
        int taken = Math.Min(_length.Length - _lengthFilled, piece.Length);
        piece.Span[..taken].CopyTo(_length.AsSpan(_lengthFilled));
        _lengthFilled += taken;
        piece = piece[taken..];
        return _lengthFilled == _length.Length;
    }

    private int CheckedLength()
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(_length);
        if (length == 0 || length > (uint)maxMessageBytes) throw new InvalidDataException($"a message of {length} bytes is announced; the limit is {maxMessageBytes}");
        return (int)length;
    }

    private void Continue(ref ReadOnlyMemory<byte> piece, List<RaftMessage> messages)
    {
        int taken = Math.Min(_message!.Length - _messageFilled, piece.Length);
        piece.Span[..taken].CopyTo(_message.AsSpan(_messageFilled));
        _messageFilled += taken;
        piece = piece[taken..];
        if (_messageFilled < _message.Length) return;
        messages.Add(RaftMessageCodec.Decode(_message));
        (_message, _lengthFilled) = (null, 0);
    }
}
