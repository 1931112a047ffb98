using Cluster.Agent.Tasks;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Testing.Agent;
using Xunit;

namespace Cluster.UnitTests.Agent;

public sealed class PlaceholdersTests
{
    private static readonly AgentCoreOptions Options = new() { NodeId = new NodeId(9), Hostname = "w1", Os = "linux", Architecture = "arm64" };
    private static readonly TaskAssignment Assignment = new AssignmentBuilder(5).Slot(3).ServiceLabel("tier", "front").Build();

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("{{.Service.Name}}", "web")]
    [InlineData("{{ .Service.Name }}-{{.Task.Slot}}", "web-3")]
    [InlineData("a{{.Service.Labels.tier}}b", "afrontb")]
    [InlineData("a{{.Service.Labels.none}}b", "ab")]
    [InlineData("{{.Node.Hostname}}/{{.Node.Platform.OS}}/{{.Node.Platform.Architecture}}", "w1/linux/arm64")]
    [InlineData("{{.Node.ID}}", "0000000000000000000000009")]
    [InlineData("{{.Task.ID}}", "0000000000000000000000005")]
    [InlineData("{{.Task.Name}}", "web.3.0000000000000000000000005")]
    [InlineData("}}{", "}}{")]
    public void Expands_what_swarm_expands(string text, string expected) => Assert.Equal(expected, new Placeholders(Options, Assignment).Expand(text, "x").Value);

    [Theory]
    [InlineData("{{.Task.Slots}}", "unknown placeholder '{{.Task.Slots}}'")]
    [InlineData("{{}}", "unknown placeholder")]
    [InlineData("{{.Service.Labels.}}", "unknown placeholder")]
    [InlineData("a {{.Task.ID", "not closed")]
    public void Refuses_what_it_does_not_know(string text, string message)
    {
        string refusal = new Placeholders(Options, Assignment).Expand(text, "env[0]").Refusal!.Message;
        Assert.Contains(message, refusal, StringComparison.Ordinal);
        Assert.StartsWith("env[0]", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Puts_the_node_where_a_global_task_has_no_slot() =>
        Assert.Equal("0000000000000000000000009", new Placeholders(Options, Assignment with { Slot = 0 }).Expand("{{.Task.Slot}}", "x").Value);

    [Fact]
    public void Expands_hostname_environment_and_mount_sources()
    {
        TaskAssignment assignment = new AssignmentBuilder(5).Slot(3).With(c => c with
        {
            Hostname = "{{.Service.Name}}-{{.Task.Slot}}",
            Env = ["A=1", "SLOT={{.Task.Slot}}"],
            Mounts = [new Mount { Type = MountType.Volume, Source = "data-{{.Task.Slot}}", Target = "/data" }],
            Command = ["{{.Task.Slot}}"],
        }).Build();
        ContainerSpec spec = TaskPlanner.Plan(Options, assignment).Value.Container;
        Assert.Equal("web-3", spec.Hostname);
        Assert.Equal(["A=1", "SLOT=3"], spec.Env);
        Assert.Equal("data-3", spec.Mounts[0].Source);
        Assert.Equal(["{{.Task.Slot}}"], spec.Command);
    }

    [Fact]
    public void Stops_with_the_service_grace_or_ten_seconds()
    {
        Assert.Equal(TimeSpan.FromSeconds(10), TaskPlanner.Stop(Assignment).Grace);
        TaskAssignment quick = new AssignmentBuilder(5).With(c => c with { StopSignal = "SIGINT", StopGracePeriod = TimeSpan.FromSeconds(2) }).Build();
        Assert.Equal(("SIGINT", TimeSpan.FromSeconds(2)), (TaskPlanner.Stop(quick).Signal, TaskPlanner.Stop(quick).Grace));
    }
}
