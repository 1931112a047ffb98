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

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <param name="purpose">Keeps hashes of different things apart, such as <c>cluster.template.1</c>.</param>
    public CanonicalHash(string purpose) => Add(purpose);

    public void Add(long value)
    {
        Span<byte> buffer = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(buffer, value);
        _hash.AppendData(buffer);
    }

    public void Add(UInt128 value)
    {
        Span<byte> buffer = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(buffer, value);
        _hash.AppendData(buffer);
    }

    public void Add(bool value) => Add(value ? 1L : 0L);

    /// <summary>Null and empty are the same, as on the wire.</summary>
    public void Add(string? value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value ?? "");
        Add((long)bytes.Length);
        _hash.AppendData(bytes);
    }

    public void Add(ReadOnlySpan<byte> value)
    {
        Add((long)value.Length);
        _hash.AppendData(value);
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

    public byte[] Finish() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();
}
