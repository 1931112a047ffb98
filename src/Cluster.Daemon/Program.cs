using Cluster.Daemon;

return await DaemonCommand.Create().Parse(args).InvokeAsync();
