using Cluster.Model.Ids;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Agent.State;

/// <summary>
/// The agent's memory on disk: a log of changes, written anew (beside, synced, renamed) when most of it is outdated. One thread uses it.
/// When <see cref="Append"/> returns, the changes survive a crash of the machine. A damaged file is set aside and counts as empty: the
/// containers are still there and are adopted as the managers send the assignments again.
/// </summary>
public sealed class AgentStateFile : IDisposable
{
    private const long SmallestCompaction = 1 << 20;
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly AgentStateIdentity _identity;
    private readonly MemoryStream _buffer = new();
    private readonly AgentStateBuilder _state;
    private HashSet<TemplateId> _templates = [];
    private SafeFileHandle? _handle;
    private long _length;
    private long _compactAt;
    private bool _isDisposed;

    private AgentStateFile(string path, AgentStateIdentity identity, AgentStateReading reading)
    {
        (_path, _identity, Damage) = (path, identity, reading.Damage);
        Loaded = reading.State;
        _state = new AgentStateBuilder(reading.State);
    }

    /// <summary>What was in the file when it was opened.</summary>
    public AgentState Loaded { get; }

    /// <summary>Why the file that was there was not used (it is kept beside with the ending <c>.damaged</c>); null when it was.</summary>
    public string? Damage { get; }

    /// <exception cref="AgentStateException">The file is of a format that is not known, or of another cluster or node.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static AgentStateFile Open(string path, AgentStateIdentity identity)
    {
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        AgentStateReading reading = AgentStateReader.Read(bytes, identity);
        if (reading.Damage is not null) File.Move(path, path + ".damaged", overwrite: true);
        AgentStateFile file = new(path, identity, reading);
        if (reading.GoodBytes == 0) file.WriteAnew();
        else file.Continue(reading);
        return file;
    }

    /// <summary>Makes the changes durable, all with one write and one sync. After an <see cref="IOException"/>, <see cref="Flush"/> tries again.</summary>
    public void Append(IReadOnlyList<AgentStateChange> changes)
    {
        if (changes.Count == 0) return;
        foreach (AgentStateChange change in changes)
        {
            _state.Apply(change);
            StateFileFormat.WriteChange(_buffer, change, _templates);
        }

        Flush();
    }

    /// <summary>Makes durable what <see cref="Append"/> could not.</summary>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_handle is null || _length + _buffer.Length >= _compactAt)
        {
            WriteAnew();
            return;
        }

        WriteBuffer(_handle);
        RandomAccess.FlushToDisk(_handle);
    }

    public void Dispose()
    {
        _handle?.Dispose();
        _isDisposed = true;
    }

    private void Continue(AgentStateReading reading)
    {
        _templates = [.. reading.Templates];
        _handle = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        _length = reading.GoodBytes;
        if (RandomAccess.GetLength(_handle) != _length)
        {
            RandomAccess.SetLength(_handle, _length);
            RandomAccess.FlushToDisk(_handle);
        }

        _compactAt = Math.Max(SmallestCompaction, 4 * _length);
    }

    /// <summary>
    /// The framework cannot sync a directory; the sync of the renamed file stands in: file systems with a journal write the rename with or
    /// before it. Were it lost all the same, the older file is there, and the managers' digest finds the difference.
    /// </summary>
    private void WriteAnew()
    {
        string beside = _path + ".new";
        AgentState state = _state.Build();
        _compactAt = 0; // until this has succeeded, nothing else will do
        _templates = [];
        _buffer.SetLength(0);
        StateFileFormat.WritePreamble(_buffer);
        StateFileFormat.WriteHeader(_buffer, _identity, state.Incarnation);
        StateFileFormat.WriteChange(_buffer, new AgentStateChange.Position(state.Incarnation, state.Version), _templates);
        foreach (StoredTask task in state.Tasks)
        {
            StateFileFormat.WriteChange(_buffer, new AgentStateChange.PutAssignment(task.Assignment), _templates);
            StateFileFormat.WriteChange(_buffer, new AgentStateChange.PutStatus(task.Assignment.TaskId, task.Status, task.IsCleared), _templates);
        }

        SafeFileHandle handle = OpenNew(beside);
        try
        {
            _length = 0;
            WriteBuffer(handle);
            RandomAccess.FlushToDisk(handle);
            File.Move(beside, _path, overwrite: true);
            RandomAccess.FlushToDisk(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        _handle?.Dispose();
        _handle = handle;
        _compactAt = Math.Max(SmallestCompaction, 4 * _length);
    }

    private static SafeFileHandle OpenNew(string path)
    {
        File.Delete(path);
        using (new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OnlyOwner }))
        {
        }

        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
    }

    private void WriteBuffer(SafeFileHandle to)
    {
        if (_buffer.Length == 0) return;
        RandomAccess.Write(to, _buffer.GetBuffer().AsSpan(0, (int)_buffer.Length), _length);
        _length += _buffer.Length;
        _buffer.SetLength(0);
    }
}
