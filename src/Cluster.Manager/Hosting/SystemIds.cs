using System.Buffers.Binary;
using System.Security.Cryptography;
using Cluster.Model.Ids;

namespace Cluster.Manager.Hosting;

/// <summary>Ids from the system's random source: 128 bits, so that nobody needs to look whether one is taken.</summary>
public sealed class SystemIds : IIdSource
{
    public UInt128 Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        UInt128 id;
        do
        {
            RandomNumberGenerator.Fill(bytes);
            id = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        }
        while (id == UInt128.Zero);
        return id;
    }
}
