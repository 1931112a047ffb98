using System.CommandLine;
using Cluster.Api.Codec;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Tasks;
using Cluster.Model.Objects;

namespace Cluster.Cli.Services;

/// <summary><c>service ps</c>: the tasks of services, newest first in each slot, those that came before below.</summary>
internal sealed class ServiceTasksCommand : TaskListCommand
{
    private readonly Argument<string[]> _services;

    public ServiceTasksCommand(CliContext context)
        : base(context, "List the tasks of services, with where they run and why they ended") =>
        _services = OneOrMore("SERVICE", "A service's name, id or the start of its id");

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        TaskTableFlags table = TableOf(flags);
        List<(ServiceRecord, TaskRecord)> tasks = [];
        foreach (string name in flags.GetRequiredValue(_services))
        {
            ServiceRecord service = (await daemon.GetServiceAsync(name, ct)).Service.ToModel();
            tasks.AddRange((await daemon.ListTasksAsync(service.Id.ToString(), "", ct)).Select(task => (service, task)));
        }

        await new TaskTable(daemon, Context.Time).WriteAsync(Output, tasks, table, ct);
    }
}
