using System.CommandLine;
using Serilog.Events;

namespace Cluster.Daemon;

/// <summary>The options of clusterd.</summary>
internal static class DaemonCommand
{
    public static RootCommand Create()
    {
        Option<string> state = new("--state-dir") { Description = "What survives a reboot: keys, log, images, container logs, volumes", DefaultValueFactory = _ => "/var/lib/cluster" };
        Option<string> run = new("--run-dir") { Description = "Sockets, network namespaces and mounts; emptied by a reboot", DefaultValueFactory = _ => "/run/cluster" };
        Option<LogEventLevel> level = new("--log-level") { Description = "verbose, debug, information, warning or error", DefaultValueFactory = _ => LogEventLevel.Information };
        Option<string?> file = new("--log-file") { Description = "Log to this file instead of standard error" };
        Option<string?> containerd = new("--containerd") { Description = "Use the containerd that listens on this socket instead of starting one" };
        Option<string> advertise = new("--advertise-addr") { Description = "HOST[:PORT] by which others reach this node, when that is another one than 'cluster node init' or 'join' was told", DefaultValueFactory = _ => "" };
        Option<string> listen = new("--listen-addr") { Description = "HOST[:PORT] on which this node listens as a manager, when that has changed too", DefaultValueFactory = _ => "" };
        Option<string> containers = new("--container-namespace") { Description = "The containerd namespace of this node's containers", DefaultValueFactory = _ => "cluster" };

        RootCommand command = new("The daemon of a Cluster node: run it as root, then 'cluster node init' or 'cluster node join'") { state, run, level, file, containerd, containers, advertise, listen };
        command.SetAction((parsed, ct) => DaemonProgram.RunAsync(
            new DaemonOptions
            {
                StateDirectory = Path.GetFullPath(parsed.GetValue(state)!),
                RunDirectory = Path.GetFullPath(parsed.GetValue(run)!),
                LogLevel = parsed.GetValue(level),
                LogFile = parsed.GetValue(file),
                ContainerdSocket = parsed.GetValue(containerd),
                ContainerNamespace = parsed.GetValue(containers)!,
                AdvertiseAddress = parsed.GetValue(advertise)!,
                ListenAddress = parsed.GetValue(listen)!,
            },
            ct));
        return command;
    }
}
