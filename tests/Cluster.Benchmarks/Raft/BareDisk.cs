using Cluster.Raft.Storage;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Benchmarks.Raft;

/// <summary>One write and one fdatasync after the other, into files that are allocated as the log's segments are.</summary>
internal sealed class BareDisk : IDisposable
{
    private const int FileBytes = 64 << 20;

    private readonly DiskFiles _disk = new();
    private readonly string _path;
    private readonly byte[] _bytes;
    private SafeFileHandle _file;
    private long _offset;

    public BareDisk(string directory, int bytesPerSync)
    {
        _path = Path.Combine(directory, "bare");
        _bytes = new byte[bytesPerSync];
        new Random(1).NextBytes(_bytes);
        _file = CreateFile();
    }

    /// <returns>Syncs per second.</returns>
    public double Run(TimeSpan time, CancellationToken ct)
    {
        var started = TimeProvider.System.GetTimestamp();
        long syncs = 0;
        TimeSpan elapsed;
        do
        {
            ct.ThrowIfCancellationRequested();
            if (_offset + _bytes.Length > FileBytes)
            {
                _file.Dispose();
                _file = CreateFile();
            }

            _disk.Write(_file, _bytes, _offset);
            _disk.DataSync(_file, _path);
            _offset += _bytes.Length;
            syncs++;
            elapsed = TimeProvider.System.GetElapsedTime(started);
        }
        while (elapsed < time);
        return syncs / elapsed.TotalSeconds;
    }

    public void Dispose() => _file.Dispose();

    private SafeFileHandle CreateFile()
    {
        var file = _disk.Create(_path);
        _disk.Allocate(file, FileBytes, _path);
        _disk.Sync(file, _path);
        _offset = 0;
        return file;
    }
}
