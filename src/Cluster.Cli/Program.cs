using Cluster.Cli.CommandLine;

return await CliProgram.RunAsync(args, CliContext.ForProcess(), CancellationToken.None);
