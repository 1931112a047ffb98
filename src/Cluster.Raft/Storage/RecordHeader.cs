namespace Cluster.Raft.Storage;

/// <param name="PayloadBytes">Without tag and padding.</param>
/// <param name="KnownDurable">How far the segment was synced when the record was written.</param>
/// <param name="Number">Counts from 1 in each segment, over all its openings.</param>
internal readonly record struct RecordHeader(RecordType Type, int PayloadBytes, long KnownDurable, ulong Number);
