using Cluster.Model.Ids;

namespace Cluster.Control.Dispatch;

/// <summary>One session of one agent.</summary>
public readonly record struct SessionId(UInt128 Value)
{
    public override string ToString() => Base36.Format(Value);
}
