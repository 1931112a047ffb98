using System.Reflection;
using Cluster.Model;
using Cluster.Model.Hashing;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Xunit;

namespace Cluster.UnitTests.Model.Hashing;

public sealed class AssignmentDigestTests
{
    [Fact]
    public void Depends_on_all_but_the_observed_state()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            RandomModel random = new(seed);
            TaskAssignment assignment = random.Next<TaskAssignment>();
            foreach (PropertyInfo property in typeof(TaskAssignment).GetProperties().Where(p => p.SetMethod is not null))
            {
                bool same = AssignmentDigest.Of(assignment).AsSpan().SequenceEqual(AssignmentDigest.Of(random.WithOther(assignment, property)));
                Assert.True(same == (property.Name == nameof(TaskAssignment.ObservedState)), property.Name);
            }
        }
    }

    [Fact]
    public void Set_is_empty_without_items_and_depends_on_each()
    {
        byte[] a = AssignmentDigest.Of(Samples.Assignment);
        byte[] b = AssignmentDigest.Of(Samples.Assignment with { DesiredState = TaskState.Shutdown });
        Assert.Empty(AssignmentDigest.OfSet([]));
        Assert.Equal(AssignmentDigest.Bytes, AssignmentDigest.OfSet([(new TaskId(1), a)]).Length);
        Assert.NotEqual(AssignmentDigest.OfSet([(new TaskId(1), a)]), AssignmentDigest.OfSet([(new TaskId(1), b)]));
        Assert.NotEqual(AssignmentDigest.OfSet([(new TaskId(1), a)]), AssignmentDigest.OfSet([(new TaskId(1), a), (new TaskId(2), a)]));
    }

    [Fact]
    public void Set_refuses_items_out_of_order()
    {
        byte[] a = AssignmentDigest.Of(Samples.Assignment);
        Assert.Throws<InvariantException>(() => AssignmentDigest.OfSet([(new TaskId(2), a), (new TaskId(1), a)]));
        Assert.Throws<InvariantException>(() => AssignmentDigest.OfSet([(new TaskId(1), a), (new TaskId(1), a)]));
    }
}
