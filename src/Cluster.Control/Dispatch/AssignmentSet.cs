using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Cluster.Model.Hashing;

namespace Cluster.Control.Dispatch;

/// <summary>All that one node is to hold at one version, by task id.</summary>
public sealed class AssignmentSet(AgentPosition position, ImmutableArray<AssignmentItem> items)
{
    public static readonly AssignmentSet Empty = new(default, []);

    private ImmutableArray<byte> _digest;

    public AgentPosition Position => position;

    public ImmutableArray<AssignmentItem> Items => items;

    /// <summary>Of the whole set; no bytes when it is empty.</summary>
    public ImmutableArray<byte> Digest
    {
        get
        {
            if (_digest.IsDefault)
            {
                _digest = [.. AssignmentDigest.OfSet(Items.Select(static i => (i.TaskId, ImmutableCollectionsMarshal.AsArray(i.Digest)!)))];
            }

            return _digest;
        }
    }
}
