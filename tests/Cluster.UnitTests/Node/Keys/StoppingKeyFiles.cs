using Cluster.Node.Keys;

namespace Cluster.UnitTests.Node.Keys;

/// <summary>The machine stops in one of the steps that change the disk: a write is half done, of the others nothing is.</summary>
internal sealed class StoppingKeyFiles(int stopAt) : KeyFiles
{
    private int _steps;

    public bool HasStopped { get; private set; }

    public override void WriteBeside(string path, ReadOnlySpan<byte> content)
    {
        if (_steps + 1 == stopAt) base.WriteBeside(path, content[..(content.Length / 2)]);
        Step();
        base.WriteBeside(path, content);
    }

    public override void Rename(string from, string to)
    {
        Step();
        base.Rename(from, to);
    }

    public override void Sync(string path)
    {
        Step();
        base.Sync(path);
    }

    public override void Overwrite(string path)
    {
        Step();
        base.Overwrite(path);
    }

    public override void Delete(string path)
    {
        Step();
        base.Delete(path);
    }

    private void Step()
    {
        if (++_steps != stopAt) return;
        HasStopped = true;
        throw new MachineStoppedException();
    }
}

internal sealed class MachineStoppedException : Exception;
