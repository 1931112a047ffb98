using System.Collections.Concurrent;
using Cluster.Model.Ids;

namespace Cluster.Manager.Certificates;

/// <summary>Why nodes that asked this manager for a certificate got none lately, for people who wonder. Thread-safe.</summary>
internal sealed class RenewalProblems
{
    private const int MaxNodes = 10_000;

    private readonly ConcurrentDictionary<NodeId, string> _problems = new();

    /// <param name="node">That asked.</param>
    /// <param name="problem">Null: it got one.</param>
    public void Note(NodeId node, string? problem)
    {
        if (problem is null) _problems.TryRemove(node, out _);
        else if (_problems.Count < MaxNodes || _problems.ContainsKey(node)) _problems[node] = problem;
    }

    public string? Of(NodeId node) => _problems.GetValueOrDefault(node);
}
