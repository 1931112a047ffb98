using Cluster.Control.Dispatch;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store;
using Cluster.Testing.Control;
using Xunit;

namespace Cluster.UnitTests.Control;

public sealed class SessionTests
{
    private static readonly NodeId Node = new(5);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly AgentPosition Here = new(1, 10);

    private readonly SessionRegistry _registry = new(new SessionOptions(), new CountingIds(), new Random(1));
    private ClusterTime _now = ControlScene.Start;

    [Fact]
    public void Newer_session_replaces_the_older_whose_end_does_not_matter_any_more()
    {
        SessionGrant first = Open();
        SessionGrant second = Open();
        Assert.Equal(first.Id, second.Replaced);
        Assert.True(second.Epoch > first.Epoch);
        Assert.False(_registry.Heartbeat(Node, first.Id, _now));
        Assert.False(_registry.Close(Node, first.Id));
        Assert.True(_registry.Heartbeat(Node, second.Id, _now));
        Assert.Equal(1, _registry.Count);
    }

    [Fact]
    public void Session_expires_after_three_of_its_periods_without_a_sign_of_life()
    {
        SessionGrant grant = Open();
        Assert.InRange(grant.HeartbeatPeriod, Period * 0.9, Period * 1.1);
        _now += grant.HeartbeatPeriod * 2;
        Assert.True(_registry.Heartbeat(Node, grant.Id, _now));
        _now += grant.HeartbeatPeriod * 3 - TimeSpan.FromTicks(10);
        Assert.Empty(_registry.Expire(_now));
        Assert.Equal(_registry.NextExpiry, _now + TimeSpan.FromTicks(10));
        _now += TimeSpan.FromTicks(10);
        Assert.Equal(Node, _registry.Expire(_now).Single().NodeId);
        Assert.False(_registry.Heartbeat(Node, grant.Id, _now));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public void Session_goes_on_in_another_period_and_is_judged_by_the_longer_until_the_next_sign_of_life(double seconds)
    {
        SessionGrant grant = Open();
        TimeSpan period = TimeSpan.FromSeconds(seconds);
        SessionReport told = _registry.ChangePeriod(period, _now).Single();
        Assert.InRange(told.HeartbeatPeriod, period * 0.9, period * 1.1);
        TimeSpan longer = told.HeartbeatPeriod > grant.HeartbeatPeriod ? told.HeartbeatPeriod : grant.HeartbeatPeriod;
        Assert.Equal(_now + longer * 3, _registry.NextExpiry);

        Assert.True(_registry.Heartbeat(Node, grant.Id, _now));
        Assert.Equal(_now + told.HeartbeatPeriod * 3, _registry.NextExpiry);
        Assert.Equal(period, _registry.HeartbeatPeriod);
    }

    [Theory]
    [InlineData(1, 11, SessionVerdict.Behind)]
    [InlineData(2, 1, SessionVerdict.Behind)]
    [InlineData(1, 10, SessionVerdict.Granted)]
    [InlineData(0, 99, SessionVerdict.Granted)]
    public void Serves_no_agent_that_has_seen_more(ulong incarnation, ulong version, SessionVerdict verdict) =>
        Assert.Equal(verdict, _registry.Open(Node, new(incarnation, version), Here, _now).Verdict);

    [Fact]
    public void Limits_how_often_a_node_may_come()
    {
        for (int i = 0; i < 3; i++) Open();
        Assert.Equal(SessionVerdict.Busy, _registry.Open(Node, Here, Here, _now).Verdict);
        _now += TimeSpan.FromSeconds(8);
        Open();
    }

    [Fact]
    public void New_leader_gives_every_node_a_full_span_and_writes_nothing_before()
    {
        ControlScene scene = new();
        NodeId silent = scene.AddNode();
        NodeId alive = scene.AddNode();
        scene.SetState(scene.AddNode(), NodeState.Down);
        NodeLiveness liveness = new(Period);
        liveness.Begin(scene.State, _now);
        Assert.Empty(liveness.Expired(_now + Period * 2));
        Assert.False(liveness.Heard(alive, 1, Period, _now + Period));
        Assert.Equal([silent], liveness.Expired(_now + Period * 3));
        Assert.Equal([alive], liveness.Expired(_now + Period * 3.9).Concat(liveness.Expired(_now + Period * 4)).Where(n => n == alive));
    }

    [Fact]
    public void Node_that_is_heard_of_again_must_be_marked_ready_and_old_sessions_do_not_count()
    {
        ControlScene scene = new();
        NodeId node = scene.AddNode();
        scene.SetState(node, NodeState.Down);
        NodeLiveness liveness = new(Period);
        liveness.Begin(scene.State, _now);
        Assert.True(liveness.Heard(node, 7, Period, _now));
        Assert.True(liveness.Heard(node, 6, Period, _now));
        Assert.Null(liveness.NextExpiry);
        scene.Do(t => NodeStatusUpdates.MarkReady(t, node, new NodeDescription { Hostname = "w" }, "10.0.0.1"));
        liveness.Note(new(Table.Nodes, null, scene.State.GetNode(node)), _now);
        Assert.Equal(_now + Period * 3, liveness.NextExpiry);
    }

    /// <summary>A call that arrives late begins a session that its agent has given up; only a still newer one of the agent's can count after it.</summary>
    [Fact]
    public void Session_must_end_when_a_newer_one_of_its_node_was_heard_of()
    {
        ControlScene scene = new();
        NodeId node = scene.AddNode();
        NodeLiveness liveness = new(Period);
        liveness.Begin(scene.State, _now);
        Assert.False(liveness.Heard(node, 6, Period, _now));
        Assert.False(liveness.Heard(node, 7, Period, _now));
        Assert.True(liveness.Heard(node, 6, Period, _now + Period));
        Assert.False(liveness.Heard(node, 8, Period, _now + Period));
        Assert.Equal(_now + Period * 4, liveness.NextExpiry);
    }

    [Fact]
    public void Marking_writes_only_what_is_new_and_not_for_removed_nodes()
    {
        ControlScene scene = new();
        NodeId node = scene.AddNode();
        NodeDescription description = new() { Hostname = "w" };
        scene.Do(t => NodeStatusUpdates.MarkReady(t, node, description, "10.0.0.1"));
        scene.Change(t =>
        {
            Assert.True(NodeStatusUpdates.MarkReady(t, node, description, "10.0.0.1").IsOk);
            Assert.True(t.IsEmpty);
            Assert.True(NodeStatusUpdates.MarkDown(t, node, "heartbeat failure"));
            Assert.False(NodeStatusUpdates.MarkDown(t, node, "heartbeat failure"));
            Assert.Contains("removed", NodeStatusUpdates.MarkReady(t, new NodeId(9_999), description, "").Refusal!.Message, StringComparison.Ordinal);
        });
    }

    private SessionGrant Open() => _registry.Open(Node, Here, Here, _now).Grant!;
}
