using Cluster.Control.Commands;
using Cluster.Control.Members;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Testing.Control;
using Xunit;

namespace Cluster.UnitTests.Control;

public sealed class QuorumPlanTests
{
    private readonly ControlScene _scene = new();

    [Fact]
    public void Does_nothing_when_the_group_is_what_the_rows_say()
    {
        Manager("m1", 1);
        Manager("m2", 2);
        Assert.Null(Next(Voter(1), Voter(2)));
    }

    [Fact]
    public void Takes_a_new_manager_in_as_a_learner_and_lets_it_vote_when_it_has_caught_up()
    {
        Manager("m1", 1);
        Manager("m2", 2);
        Assert.Equal(new QuorumStep.AddLearner(2), Next(Voter(1)));
        Assert.Null(Next(Voter(1), Voter(2) with { IsVoter = false, IsCaughtUp = false }));
        Assert.Null(Next(Voter(1), Voter(2) with { IsVoter = false, IsActive = false }));
        Assert.Equal(new QuorumStep.AddVoter(2), Next(Voter(1), Voter(2) with { IsVoter = false }));
    }

    [Fact]
    public void Removes_who_is_to_be_a_worker_and_then_releases_its_row()
    {
        Manager("m1", 1);
        NodeId second = Manager("m2", 2);
        Manager("m3", 3);
        Demote(second);
        Assert.Equal(new QuorumStep.Remove(2), Next(Voter(1), Voter(2), Voter(3)));
        Assert.Equal(new QuorumStep.Release(second, 2), Next(Voter(1), Voter(3)));
    }

    [Fact]
    public void Removes_a_member_that_no_row_names()
    {
        Manager("m1", 1);
        Assert.Equal(new QuorumStep.Remove(9), Next(Voter(1), Voter(9) with { IsVoter = false }));
    }

    [Fact]
    public void Lets_another_one_lead_before_the_leader_goes()
    {
        NodeId first = Manager("m1", 1);
        Manager("m2", 2);
        Manager("m3", 3);
        Demote(first);
        Assert.Equal(new QuorumStep.TransferLeadership(3), Next(Voter(1), Voter(2) with { IsCaughtUp = false }, Voter(3)));
    }

    [Fact]
    public void Keeps_a_member_without_which_there_would_be_no_quorum()
    {
        Manager("m1", 1);
        NodeId second = Manager("m2", 2);
        Manager("m3", 3);
        Demote(second);
        Assert.Null(Next(Voter(1), Voter(2), Voter(3) with { IsActive = false }));
    }

    [Fact]
    public void Exchanges_a_manager_by_taking_in_the_new_one_first()
    {
        Manager("m1", 1);
        NodeId second = Manager("m2", 2);
        _scene.Do(t => ManagerCommands.Announce(t, second, t.Incarnation, new ManagerInfo(22, "10.0.0.2:2377")));
        Assert.Equal(new QuorumStep.AddLearner(22), Next(Voter(1), Voter(2)));
        Assert.Equal(new QuorumStep.Remove(2), Next(Voter(1), Voter(2), Voter(22)));
    }

    private QuorumStep? Next(params QuorumMember[] members) => QuorumPlan.Next(_scene.State, self: 1, members);

    private NodeId Manager(string name, ulong member)
    {
        NodeId id = _scene.AddNode(name, role: NodeRole.Manager);
        _scene.Do(t => ManagerCommands.Announce(t, id, t.Incarnation, new ManagerInfo(member, $"10.0.0.{member}:2377")));
        return id;
    }

    private void Demote(NodeId id)
    {
        NodeRecord node = _scene.State.GetNode(id)!;
        _scene.Do(t => NodeCommands.Update(t, id, node.Meta.Version, node.Spec with { Role = NodeRole.Worker }));
    }

    private static QuorumMember Voter(ulong id) => new(id, IsVoter: true, IsCaughtUp: true, IsActive: true);
}
