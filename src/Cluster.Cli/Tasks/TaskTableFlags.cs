using Cluster.Cli.Output;

namespace Cluster.Cli.Tasks;

/// <summary>How a user wants a <see cref="TaskTable"/>.</summary>
internal sealed record TaskTableFlags(ListFilter Filter, string? Format, bool NoResolve, bool NoTrunc, bool Quiet);
