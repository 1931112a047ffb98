using System.Threading.Channels;
using Cluster.Api.V1;
using Cluster.Model.Ids;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.LogRelaying;

/// <summary>
/// One reader's wish to see the logs of some tasks of one node, and what arrives for it. The agent is held back when the reader is slow.
/// </summary>
internal sealed class LogSubscription(string id, NodeId nodeId, IEnumerable<TaskId> tasks)
{
    private const int MaxQueuedPublications = 64;

    private readonly HashSet<TaskId> _open = [.. tasks];

    public string Id => id;

    public NodeId NodeId => nodeId;

    public Channel<LogPublication> Publications { get; } = Channel.CreateBounded<LogPublication>(new BoundedChannelOptions(MaxQueuedPublications));

    /// <summary>Only lines of tasks that were asked for, under the sender's own name.</summary>
    public async Task PublishAsync(LogPublication publication, CancellationToken ct)
    {
        for (int i = publication.Lines.Count - 1; i >= 0; i--)
        {
            LogLine line = publication.Lines[i];
            if (!TaskId.TryParse(line.TaskId, out TaskId task) || !_open.Contains(task)) publication.Lines.RemoveAt(i);
            else line.NodeId = nodeId.ToString();
        }

        if (publication.Lines.Count > 0 || publication.Error.Length > 0) await Publications.Writer.WriteAsync(publication, ct);
        if (publication.EndOfTask.Length > 0 && TaskId.TryParse(publication.EndOfTask, out TaskId ended)) _open.Remove(ended);
        if (_open.Count == 0) Publications.Writer.TryComplete();
    }

    public void End(string? note)
    {
        if (note is not null) Publications.Writer.TryWrite(new LogPublication { Error = note });
        Publications.Writer.TryComplete();
    }
}
