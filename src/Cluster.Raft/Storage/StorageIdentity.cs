namespace Cluster.Raft.Storage;

/// <summary>Whose storage it is. All three are in the header of every file, and a file of someone else is refused.</summary>
/// <param name="ClusterId">The cluster's random id.</param>
/// <param name="Incarnation">Raised by a restore and by force-new-cluster, so that members of before are foreign.</param>
public readonly record struct StorageIdentity(UInt128 ClusterId, ulong Incarnation, MemberId Member)
{
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"cluster {ClusterId:x32}, incarnation {Incarnation}, member {Member}");
}
