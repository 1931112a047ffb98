using System.CommandLine;
using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Tasks;
using Cluster.Model.Objects;

namespace Cluster.Cli.Nodes;

/// <summary><c>node ps</c>: the tasks on nodes.</summary>
internal sealed class NodeTasksCommand : TaskListCommand
{
    private readonly Argument<string[]> _nodes;

    public NodeTasksCommand(CliContext context)
        : base(context, "List the tasks on nodes, with their states and why they ended")
    {
        _nodes = new Argument<string[]>("NODE") { Description = "'self' (the default), a host name, an id or the start of one", Arity = ArgumentArity.ZeroOrMore };
        Add(_nodes);
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        TaskTableFlags table = TableOf(flags);
        string[] names = flags.GetValue(_nodes) is { Length: > 0 } given ? given : ["self"];
        Dictionary<Model.Ids.ServiceId, ServiceRecord> services = [];
        List<(ServiceRecord, TaskRecord)> tasks = [];
        foreach (string name in names)
        {
            Node node = (await daemon.CallAsync(() => daemon.Control.GetNodeAsync(new GetNodeRequest { Node = name }, daemon.Soon(ct)))).Node;
            foreach (TaskRecord task in await daemon.ListTasksAsync("", node.Id, ct))
            {
                if (!services.TryGetValue(task.ServiceId, out ServiceRecord? service))
                {
                    service = (await daemon.GetServiceAsync(task.ServiceId.ToString(), ct)).Service.ToModel();
                    services.Add(task.ServiceId, service);
                }

                tasks.Add((service, task));
            }
        }

        await new TaskTable(daemon, Context.Time).WriteAsync(Output, tasks, table, ct);
    }
}
