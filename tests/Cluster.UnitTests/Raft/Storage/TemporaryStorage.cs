using System.Collections.Immutable;
using Cluster.Raft;
using Cluster.Raft.Storage;

namespace Cluster.UnitTests.Raft.Storage;

/// <summary>A directory for one test, and the ways to open it.</summary>
internal sealed class TemporaryStorage : IDisposable
{
    public static readonly StorageIdentity Identity = new(new UInt128(1, 2), 3, new MemberId(4));
    public static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    public string Path { get; private set; } = Directory.CreateTempSubdirectory("cluster-raft-").FullName;

    public FileRaftStorage Open(int segmentBytes = 64 << 10, DiskFiles? disk = null) => FileRaftStorage.Open(
        Path, Identity, Key, new FileRaftStorageOptions { SegmentBytes = segmentBytes }, disk ?? new DiskFiles());

    /// <summary>With keys that were changed; the newest first.</summary>
    public FileRaftStorage OpenWith(IReadOnlyList<byte[]> keys, int segmentBytes = 64 << 10, DiskFiles? disk = null) => FileRaftStorage.Open(
        Path, Identity, new RaftDataKeys([.. keys[0]], [.. keys.Skip(1).Select(key => ImmutableArray.Create(key))]), new FileRaftStorageOptions { SegmentBytes = segmentBytes }, disk ?? new DiskFiles());

    public IReadOnlyList<string> Files(string pattern) => [.. Directory.GetFiles(Path, pattern).Order(StringComparer.Ordinal)];

    public void Erase()
    {
        Directory.Delete(Path, recursive: true);
        Directory.CreateDirectory(Path);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
