using System.CommandLine;
using Cluster.Cli.Backups;
using Cluster.Cli.Certificates;
using Cluster.Cli.Completion;
using Cluster.Cli.Connection;
using Cluster.Cli.Contexts;
using Cluster.Cli.Debugging;
using Cluster.Cli.Events;
using Cluster.Cli.Images;
using Cluster.Cli.Info;
using Cluster.Cli.Nodes;
using Cluster.Cli.Services;
using Cluster.Cli.Tasks;
using Cluster.Cli.Versions;

namespace Cluster.Cli.CommandLine;

/// <summary>All commands: a noun, a verb.</summary>
internal static class CliRoot
{
    public static RootCommand Create(CliContext context) => new(
        "Runs containers on a cluster of machines. Start with 'cluster node init' on the first machine, 'cluster node join' on the others, then 'cluster service create'.")
    {
        ConnectionChoice.Socket,
        ConnectionChoice.Context,
        ConnectionChoice.Identity,
        ConnectionChoice.Host,
        Noun(
            "node", "Machines: make or join a cluster, list, change and remove its nodes",
            new NodeInitCommand(context), new NodeJoinCommand(context), new NodeJoinTokenCommand(context), new NodeLeaveCommand(context), new NodeListCommand(context),
            new NodeInspectCommand(context), new NodeUpdateCommand(context), NodeRoleCommand.Promote(context), NodeRoleCommand.Demote(context),
            new NodeUnlockCommand(context), new NodeUnlockKeyCommand(context), new NodeTasksCommand(context), new NodeRemoveCommand(context), new NodeCaCommand(context)),
        Noun(
            "service", "Services: containers that the cluster keeps running",
            new ServiceCreateCommand(context), new ServiceListCommand(context), new ServiceTasksCommand(context), new ServiceInspectCommand(context),
            new ServiceScaleCommand(context), new ServiceLogsCommand(context), new ServiceRemoveCommand(context)),
        Noun("task", "Tasks: single attempts to run a container of a service", new TaskInspectCommand(context)),
        Noun("image", "Images of this machine", new ImageLoadCommand(context), new ImageListCommand(context)),
        Noun(
            "backup", "Backups of the cluster's state",
            new BackupCreateCommand(context), new BackupInspectCommand(context), new BackupRestoreCommand(context)),
        Noun("cert", "Identities of people", new CertIssueCommand(context)),
        Noun(
            "context", "Ways to clusters elsewhere",
            new ContextCreateCommand(context), new ContextListCommand(context), new ContextUseCommand(context), new ContextRemoveCommand(context)),
        Noun("debug", "What helps to find out what is wrong", new DebugOwnedCommand(context), new DebugRaftCommand(context)),
        new EventsCommand(context),
        new CompletionCommand(context),
        new InfoCommand(context),
        new VersionCommand(context),
    };

    private static Command Noun(string name, string description, params Command[] verbs)
    {
        Command noun = new(name, description);
        foreach (Command verb in verbs) noun.Add(verb);
        return noun;
    }
}
