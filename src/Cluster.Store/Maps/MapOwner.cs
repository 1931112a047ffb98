namespace Cluster.Store.Maps;

/// <summary>Identity of one writer: nodes that carry it are seen by nobody else yet and may be changed in place.</summary>
internal sealed class MapOwner;
