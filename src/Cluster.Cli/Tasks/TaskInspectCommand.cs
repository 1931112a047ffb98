using System.CommandLine;
using System.Text.Json.Nodes;
using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;

namespace Cluster.Cli.Tasks;

/// <summary><c>task inspect</c>.</summary>
internal sealed class TaskInspectCommand : CliCommand
{
    private readonly Option<string> _format;
    private readonly Argument<string[]> _tasks;

    public TaskInspectCommand(CliContext context)
        : base(context, "inspect", "Show all about tasks")
    {
        _format = Text("--format", "json, or a TEMPLATE such as '{{.Status.State}}'", "-f");
        _tasks = OneOrMore("TASK", "An id or the start of one, as 'cluster service ps' shows it");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        List<JsonObject> tasks = [];
        foreach (string id in flags.GetRequiredValue(_tasks))
        {
            GetTaskRequest request = new() { Task = id };
            GetTaskResponse response = await daemon.CallAsync(() => daemon.Control.GetTaskAsync(request, daemon.Soon(ct)));
            tasks.Add(TaskJson.Of(response.Task.ToModel(), response.Template?.ToModel()));
        }

        await InspectFormat.WriteAsync(Output, flags.GetValue(_format), tasks);
    }
}
