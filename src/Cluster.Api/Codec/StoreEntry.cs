using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Model.Time;

namespace Cluster.Api.Codec;

/// <summary>
/// One committed change of the store, as the log carries it. Puts and deletes are in the order of the tables and keys, so that
/// equal changes have equal bytes.
/// </summary>
public sealed record StoreEntry
{
    /// <summary>Raised by a restore or a forced new cluster.</summary>
    public required ulong Incarnation { get; init; }

    public required ulong Term { get; init; }

    public required ulong Version { get; init; }

    /// <summary>The version that this entry was made on; apply refuses it on any other.</summary>
    public required ulong PreviousVersion { get; init; }

    public required ClusterTime Time { get; init; }

    /// <summary>Who asked: a node's id or the kernel; for reading, not for decisions.</summary>
    public string Actor { get; init; } = "";

    public RequestId RequestId { get; init; }

    /// <summary>Rows; see <see cref="RowCodec"/>.</summary>
    public ValueList<object> Puts { get; init; } = [];

    /// <summary>Keys; see <see cref="RowKeyCodec"/>.</summary>
    public ValueList<object> Deletes { get; init; } = [];
}
