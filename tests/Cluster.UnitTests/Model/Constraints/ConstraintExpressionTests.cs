using Cluster.Model.Objects;
using Cluster.Model.Placement;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Xunit;

namespace Cluster.UnitTests.Model.Constraints;

public sealed class ConstraintExpressionTests
{
    private static readonly NodeRecord Node = Samples.Node with
    {
        Spec = Samples.Node.Spec with { Labels = Labels.From([new("disk", "SSD"), new("Zone", "1")]) },
        Description = Samples.Node.Description with { Hostname = "w1", Architecture = "x86_64", EngineLabels = Labels.From([new("kernel", "6.1")]) },
        Status = Samples.Node.Status with { Address = "10.1.2.3" },
        Certificate = Samples.Node.Certificate with { Role = NodeRole.Worker },
    };

    [Theory]
    [InlineData("node.id==000000000000000000000000v", true)]
    [InlineData("node.hostname == W1", true)]
    [InlineData("NODE.HOSTNAME!=w1", false)]
    [InlineData("node.role==worker", true)]
    [InlineData("node.role!=Manager", true)]
    [InlineData("node.ip==10.1.2.3", true)]
    [InlineData("node.ip==10.1.0.0/16", true)]
    [InlineData("node.ip!=10.0.0.0/8", false)]
    [InlineData("node.ip==fd00::/8", false)]
    [InlineData("node.platform.os==Linux", true)]
    [InlineData("node.platform.arch==amd64", true)]
    [InlineData("node.platform.arch==aarch64", false)]
    [InlineData("node.labels.disk==ssd", true)]
    [InlineData("Node.Labels.Zone==1", true)]
    [InlineData("node.labels.zone==1", false)]
    [InlineData("node.labels.absent!=x", true)]
    [InlineData("engine.labels.kernel==6.1", true)]
    public void Matches_as_swarm_does(string text, bool matches) => Assert.Equal(matches, ConstraintExpression.Parse(text).Value.Matches(Node));

    [Theory]
    [InlineData("")]
    [InlineData("node.id")]
    [InlineData("node.id=x")]
    [InlineData("==x")]
    [InlineData("node.id==")]
    [InlineData("node.id===x")]
    [InlineData("node.colour==red")]
    [InlineData("node.labels.==x")]
    [InlineData("node.role==boss")]
    [InlineData("node.role==1")]
    [InlineData("node.ip==somewhere")]
    public void Refuses_what_could_never_match(string text)
    {
        Assert.False(ConstraintExpression.TryParse(text, out _));
        Assert.Contains("constraint", ConstraintExpression.Parse(text).Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keeps_key_operator_and_value()
    {
        ConstraintExpression expression = ConstraintExpression.Parse("NODE.labels.Disk != ssd").Value;
        Assert.Equal(("node.labels.Disk", false, "ssd"), (expression.Key, expression.IsEqual, expression.Value));
    }
}
