using System.CommandLine;

namespace Cluster.Cli.CommandLine;

/// <summary>A flag of Swarm's that is not built yet: known, so that it is refused by name and never ignored.</summary>
internal static class UnbuiltFlag
{
    public const string Marker = "is not built yet";

    public static Option Create(string name)
    {
        Option<string[]> option = new(name) { Hidden = true, Arity = ArgumentArity.ZeroOrMore };
        option.Validators.Add(result => result.AddError($"{name} {Marker}"));
        return option;
    }
}
