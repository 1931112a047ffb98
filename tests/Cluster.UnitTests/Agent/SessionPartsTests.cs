using Cluster.Agent.Sessions;
using Cluster.Api.Codec;
using Cluster.Model.Objects;
using Cluster.Testing.Agent;
using Xunit;

namespace Cluster.UnitTests.Agent;

/// <summary>The pieces that a session is made of.</summary>
public sealed class SessionPartsTests
{
    private static readonly Random Seeded = new(1);

    [Fact]
    public void Ring_takes_every_manager_in_turn()
    {
        ManagerRing ring = new(["a", "b", "c"], Seeded);
        HashSet<string> seen = [];
        for (int i = 0; i < 3; i++)
        {
            seen.Add(ring.Current);
            ring.Failed();
        }

        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public void Ring_backs_off_with_every_round_up_to_eight_seconds_and_recovers()
    {
        ManagerRing ring = new(["a", "b"], Seeded);
        Assert.InRange(ring.Failed().TotalMilliseconds, 50, 100);
        Assert.InRange(ring.Failed().TotalMilliseconds, 50, 100);
        Assert.InRange(ring.Failed().TotalMilliseconds, 100, 200);
        for (int i = 0; i < 100; i++) ring.Failed();
        Assert.InRange(ring.Failed().TotalMilliseconds, 4000, 8000);
        ring.Succeeded();
        Assert.InRange(ring.Failed().TotalMilliseconds, 50, 100);
    }

    [Fact]
    public void Ring_follows_new_lists_but_never_forgets_everybody()
    {
        ManagerRing ring = new(["a"], Seeded);
        Assert.False(ring.Update([]));
        Assert.True(ring.Update(["x", "a", "x"]));
        Assert.Equal("a", ring.Current);
        Assert.Equal(["x", "a"], ring.Addresses);
        Assert.False(ring.Update(["x", "a"]));
    }

    [Fact]
    public void Mirror_holds_the_templates_of_what_is_held_and_no_more()
    {
        TaskAssignment first = AssignmentBuilder.Task(1);
        TaskAssignment second = new AssignmentBuilder(2).With(c => c with { Image = "other" }).Build();
        TemplateMirror mirror = new([first, AssignmentBuilder.Task(3)]);
        Assert.Equal(1, mirror.Count);
        mirror.Apply(Change([second], 1));
        Assert.Equal(first.Template, mirror.Find(first.Template.Id));
        mirror.Apply(Change([], 3));
        Assert.Null(mirror.Find(first.Template.Id));
        Assert.Equal(second.Template, mirror.Find(second.Template.Id));
        mirror.Apply(Change([], isComplete: true));
        Assert.Equal(0, mirror.Count);
    }

    [Fact]
    public void Parts_count_as_one_change()
    {
        AssignmentParts parts = new();
        Assert.Null(parts.Add(Change([AssignmentBuilder.Task(1)], isComplete: true), isMoreComing: true));
        ManagerMessage.Assignments whole = parts.Add(Change([AssignmentBuilder.Task(2)]) with { Version = 9, Digest = [7] }, isMoreComing: false)!;
        Assert.True(whole.IsComplete);
        Assert.Equal([AssignmentBuilder.Id(1), AssignmentBuilder.Id(2)], whole.Put.Select(put => put.TaskId));
        Assert.Equal(9UL, whole.Version);
        Assert.Equal([7], whole.Digest.ToArray());
        Assert.Single(parts.Add(Change([AssignmentBuilder.Task(3)]), isMoreComing: false)!.Put);
    }

    [Fact]
    public void Parts_without_end_are_refused()
    {
        AssignmentParts parts = new();
        TaskAssignment[] many = [.. Enumerable.Repeat(AssignmentBuilder.Task(1), AssignmentParts.TaskLimit)];
        parts.Add(Change(many), isMoreComing: true);
        Assert.Throws<CodecException>(() => parts.Add(Change([AssignmentBuilder.Task(2)]), isMoreComing: true));
    }

    private static ManagerMessage.Assignments Change(TaskAssignment[] put, int removed = 0, bool isComplete = false) =>
        new(1, 1, isComplete, put, removed == 0 ? [] : [AssignmentBuilder.Id(removed)], []);
}
