using Cluster.Model.Specs;
using Cluster.Testing.Agent;
using Xunit;

namespace Cluster.LabTests.Containers;

/// <summary>The real runtime keeps the same contract as the one in memory that the agent is tested with.</summary>
[Collection(EngineCollection.Name)]
public sealed class ContainerRuntimeContractTests(EngineFixture fixture)
{
    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Keeps_the_contract(string rule)
    {
        ContainerRuntimeContract contract = new(
            fixture.Runtime, Shell("exec sleep 1000"), code => Shell($"exit {code}"), text => Shell($"echo {text}; exec sleep 1000"));
        await contract.CheckAsync(rule, EngineFixture.NewTaskId(), EngineFixture.Ct);
    }

    public static TheoryData<string> Rules() => [.. ContainerRuntimeContract.Rules];

    private static ContainerSpec Shell(string script) => new() { Image = "lab/busybox:1", Args = ["sh", "-c", script] };
}
