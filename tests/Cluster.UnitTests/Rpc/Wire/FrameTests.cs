using System.Buffers;
using Cluster.Rpc.Wire;
using Grpc.Core;
using Xunit;

namespace Cluster.UnitTests.Rpc.Wire;

public sealed class FrameTests
{
    private static readonly Marshaller<byte[]> Whole = Marshallers.Create(message => message, bytes => bytes);

    private static readonly Marshaller<byte[]> Declared = Marshallers.Create(
        (message, context) =>
        {
            context.SetPayloadLength(message.Length);
            context.GetBufferWriter().Write(message);
            context.Complete();
        },
        context => context.PayloadAsReadOnlySequence().ToArray());

    private static readonly Marshaller<byte[]> Undeclared = Marshallers.Create(
        (message, context) =>
        {
            context.GetBufferWriter().Write(message);
            context.Complete();
        },
        context => context.PayloadAsNewBuffer());

    public static TheoryData<int, bool> Messages
    {
        get
        {
            var data = new TheoryData<int, bool>();
            foreach (int size in (int[])[0, 1, 255, 70_000])
            {
                data.Add(size, false);
                data.Add(size, true);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Messages))]
    public void Reads_what_it_wrote_with_every_kind_of_marshaller(int size, bool useGzip)
    {
        byte[] message = [.. Enumerable.Range(0, size).Select(i => (byte)i)];
        using var buffer = new PooledBufferWriter();
        foreach (Marshaller<byte[]> marshaller in (Marshaller<byte[]>[])[Whole, Declared, Undeclared])
            FrameWriter.Write(buffer, marshaller, message, int.MaxValue, useGzip);

        var received = new ReadOnlySequence<byte>(buffer.Written);
        foreach (Marshaller<byte[]> marshaller in (Marshaller<byte[]>[])[Declared, Whole, Undeclared])
        {
            Assert.True(FrameReader.TryTake(ref received, 1 << 20, isGzipAllowed: true, out ReadOnlySequence<byte> frame));
            Assert.Equal(message, FramePayload.Read(marshaller, frame));
        }
        Assert.True(received.IsEmpty);
    }

    [Fact]
    public void Has_flags_length_and_message()
    {
        using var buffer = new PooledBufferWriter();

        FrameWriter.Write(buffer, Declared, [7, 8, 9], int.MaxValue, useGzip: false);

        Assert.Equal([0, 0, 0, 0, 3, 7, 8, 9], buffer.Written.ToArray());
    }

    [Fact]
    public void Waits_for_the_whole_message_however_it_is_cut()
    {
        byte[] frame = [0, 0, 0, 0, 2, 5, 6];
        for (int length = 0; length < frame.Length; length++)
        {
            var part = new ReadOnlySequence<byte>(frame, 0, length);
            Assert.False(FrameReader.TryTake(ref part, 100, isGzipAllowed: false, out _));
            Assert.Equal(length, part.Length);
        }
    }

    [Fact]
    public void Refuses_a_message_over_the_limit_both_ways()
    {
        using var buffer = new PooledBufferWriter();
        foreach (Marshaller<byte[]> marshaller in (Marshaller<byte[]>[])[Whole, Declared, Undeclared])
            Assert.Equal(StatusCode.ResourceExhausted, Assert.Throws<RpcException>(() => FrameWriter.Write(buffer, marshaller, new byte[11], 10, false)).StatusCode);
        Assert.Equal(0, buffer.WrittenCount);

        var received = new ReadOnlySequence<byte>([0, 0, 0, 0, 11]);
        Assert.Equal(
            StatusCode.ResourceExhausted,
            Assert.Throws<RpcException>(() => FrameReader.TryTake(ref received, 10, false, out _)).StatusCode);
    }

    [Fact]
    public void Stops_decompressing_at_the_limit()
    {
        using var buffer = new PooledBufferWriter();
        FrameWriter.Write(buffer, Whole, new byte[1_000_000], int.MaxValue, useGzip: true);
        var received = new ReadOnlySequence<byte>(buffer.Written);

        RpcException failure = Assert.Throws<RpcException>(() => FrameReader.TryTake(ref received, 100_000, true, out _));

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Fact]
    public void Refuses_a_serializer_that_does_not_complete()
    {
        using var buffer = new PooledBufferWriter();
        Marshaller<byte[]> lazy = Marshallers.Create<byte[]>((_, _) => { }, _ => []);

        Assert.Throws<InvalidOperationException>(() => FrameWriter.Write(buffer, lazy, [], 10, false));
    }

    [Fact]
    public void Writes_a_message_while_another_is_written()
    {
        using var outer = new PooledBufferWriter();
        using var inner = new PooledBufferWriter();
        Marshaller<byte[]> nested = Marshallers.Create(
            (byte[] message, SerializationContext context) =>
            {
                context.GetBufferWriter().Write(message);
                FrameWriter.Write(inner, Undeclared, [1, 2], 10, false);
                context.Complete();
            },
            _ => []);

        FrameWriter.Write(outer, nested, [3], 10, false);

        Assert.Equal([0, 0, 0, 0, 1, 3], outer.Written.ToArray());
        Assert.Equal([0, 0, 0, 0, 2, 1, 2], inner.Written.ToArray());
    }
}
