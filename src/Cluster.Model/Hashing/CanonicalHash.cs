using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Cluster.Model.Specs;

namespace Cluster.Model.Hashing;

/// <summary>
/// SHA-256 over a canonical encoding: numbers as 8 bytes big-endian, texts and lists with their length in front, so that no two
/// different values have the same bytes. The encoding is part of stored ids and of the agents' digests: it never changes for
/// fields that exist. A new field is added at the end, and only when it is not at its default.
/// </summary>
internal sealed class CanonicalHash : IDisposable
{
    public const int Bytes = 32;

    // Collected and hashed at once: the hash of many short pieces costs many times more.
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(512);
    private int _length;

    /// <param name="purpose">Keeps hashes of different things apart, such as <c>cluster.template.1</c>.</param>
    public CanonicalHash(string purpose) => Add(purpose);

    public void Add(long value) => BinaryPrimitives.WriteInt64BigEndian(Next(8), value);

    public void Add(UInt128 value) => BinaryPrimitives.WriteUInt128BigEndian(Next(16), value);

    public void Add(bool value) => Add(value ? 1L : 0L);

    /// <summary>Null and empty are the same, as on the wire.</summary>
    public void Add(string? value)
    {
        string text = value ?? "";
        int length = Encoding.UTF8.GetByteCount(text);
        Add((long)length);
        Encoding.UTF8.GetBytes(text, Next(length));
    }

    public void Add(ReadOnlySpan<byte> value)
    {
        Add((long)value.Length);
        value.CopyTo(Next(value.Length));
    }

    /// <summary>Null is told apart from every number.</summary>
    public void AddOptional(long? value)
    {
        Add(value.HasValue);
        if (value is { } number) Add(number);
    }

    public void Add(ValueList<string> values)
    {
        Add((long)values.Count);
        foreach (string value in values) Add(value);
    }

    public void Add(Labels labels)
    {
        Add((long)labels.Items.Count);
        foreach ((string key, string value) in labels.Items)
        {
            Add(key);
            Add(value);
        }
    }

    public byte[] Finish() => SHA256.HashData(_bytes.AsSpan(0, _length));

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private Span<byte> Next(int count)
    {
        if (_bytes.Length - _length < count)
        {
            byte[] longer = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + count));
            _bytes.AsSpan(0, _length).CopyTo(longer);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = longer;
        }

        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}
