using Cluster.Model.Specs;
using Cluster.Testing.Agent;
using Xunit;

namespace Cluster.UnitTests.Agent;

public sealed class InMemoryContainerRuntimeTests
{
    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Keeps_the_contract(string rule)
    {
        using CancellationTokenSource giveUp = new(TimeSpan.FromMinutes(1), TimeProvider.System);
        InMemoryContainerRuntime runtime = new(new SimulatedMachine(), TimeProvider.System);
        ContainerRuntimeContract contract = new(runtime, Running("sleep"), code => Running("exit", $"{code}"), text => Running("print", text));
        await contract.CheckAsync(rule, AssignmentBuilder.Id(1), giveUp.Token);
    }

    public static TheoryData<string> Rules() => [.. ContainerRuntimeContract.Rules];

    private static ContainerSpec Running(params string[] command) => new() { Image = "web:1", Command = command.ToValueList() };
}
