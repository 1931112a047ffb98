using Cluster.Raft.Storage;
using Microsoft.Win32.SafeHandles;

namespace Cluster.UnitTests.Raft.Storage;

/// <summary>Lets one operation fail as if the disk were full.</summary>
internal sealed class FailingDiskFiles(int failing) : DiskFiles
{
    private int _operations;
    private int _failing = failing;

    public bool HasStruck { get; private set; }

    public void FailNext() => _failing = _operations + 1;

    public override void Allocate(SafeFileHandle file, long length, string path)
    {
        Strike();
        base.Allocate(file, length, path);
    }

    public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        if (_operations + 1 == _failing)
            base.Write(file, bytes[..(bytes.Length / 2)], offset);
        Strike();
        base.Write(file, bytes, offset);
    }

    public override void DataSync(SafeFileHandle file, string path)
    {
        Strike();
        base.DataSync(file, path);
    }

    public override void Sync(SafeFileHandle file, string path)
    {
        Strike();
        base.Sync(file, path);
    }

    public override void Rename(string from, string to)
    {
        Strike();
        base.Rename(from, to);
    }

    public override void Delete(string path)
    {
        Strike();
        base.Delete(path);
    }

    public override void SyncDirectory(string path)
    {
        Strike();
        base.SyncDirectory(path);
    }

    private void Strike()
    {
        if (++_operations != _failing)
            return;
        HasStruck = true;
        throw new IOException("No space left on device", hresult: 28);
    }
}
