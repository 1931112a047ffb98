using Microsoft.Win32.SafeHandles;

namespace Cluster.Containers.Logs;

/// <summary>
/// The file that the shim appends a container's output to. What has been taken over is given back to the file system: the file keeps its
/// size, but not its blocks.
/// </summary>
internal sealed class RawOutput : IDisposable
{
    private const long BlockBytes = 4096;
    private const long FreeAtLeastBytes = 256 * 1024;

    private readonly SafeFileHandle _file;
    private long _freedUpTo;
    private bool _canFree = true;

    public RawOutput(string path, long position)
    {
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _freedUpTo = position / BlockBytes * BlockBytes;
    }

    public long Length => RandomAccess.GetLength(_file);

    public int Read(Span<byte> target, long position) => RandomAccess.Read(_file, target, position);

    public void Free(long position)
    {
        long end = position / BlockBytes * BlockBytes;
        if (!_canFree || end - _freedUpTo < FreeAtLeastBytes) return;
        _canFree = Interop.FreeBlocks(_file, _freedUpTo, end - _freedUpTo);
        _freedUpTo = end;
    }

    public void Dispose() => _file.Dispose();
}
