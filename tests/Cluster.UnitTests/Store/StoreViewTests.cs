using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store;
using Cluster.Testing.Store;
using Xunit;

namespace Cluster.UnitTests.Store;

public sealed class StoreViewTests
{
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Indexes_equal_a_search_when_everything_changes_at_random(int seed)
    {
        Random random = new(seed);
        StoreWorkload workload = new(random);
        StoreSnapshot snapshot = StoreSnapshot.Empty;
        for (int i = 0; i < 150; i++)
        {
            WorkingTransaction transaction = new(snapshot, new ClusterTime(i + 1));
            workload.Change(transaction, random.Next(1, 30));
            Savepoint savepoint = transaction.Mark();
            workload.Change(transaction, random.Next(30));
            AssertIndexes(transaction);
            if (random.Next(2) == 0) transaction.RollbackTo(savepoint);
            AssertIndexes(transaction);
            snapshot = transaction.Seal();
            AssertIndexes(snapshot);
        }
    }

    [Fact]
    public void Goes_on_after_a_task_and_ends_after_the_last()
    {
        WorkingTransaction transaction = new(StoreSnapshot.Empty, new(1));
        for (ulong id = 1; id <= 5; id++) transaction.Put(StoreRows.Task(id));
        transaction.Put(StoreRows.Task(6) with { Id = new(UInt128.MaxValue) });
        Assert.Equal([4, 5, UInt128.MaxValue], transaction.TasksAfter(new(3)).Select(task => task.Id.Value));
        Assert.Empty(transaction.TasksAfter(new(UInt128.MaxValue)));
    }

    private static void AssertIndexes(StoreView view)
    {
        TaskRecord[] tasks = [.. view.Tasks];
        Assert.Equal(tasks.OrderBy(task => task.Id), tasks);
        Assert.Equal(tasks.Length, view.TaskCount);
        for (ulong id = 1; id < 6; id++)
        {
            TaskRecord[] ofService = [.. tasks.Where(task => task.ServiceId.Value == id).OrderBy(task => task.Slot).ThenBy(task => task.Id)];
            Assert.Equal(ofService, view.TasksOfService(new(id)));
            Assert.Equal(ofService.Where(task => task.Slot == 3), view.TasksOfSlot(new(id), 3));
            Assert.Equal(tasks.Where(task => task.NodeId.Value == id), view.TasksOfNode(new(id)));
            Assert.Equal(view.PortClaims.Where(claim => claim.Key.NodeId.Value == id), view.PortClaimsOfNode(new(id)));
            Assert.Equal(view.RestartHistories.Where(row => row.Key.ServiceId.Value == id), view.RestartHistoriesOfService(new(id)));
            Assert.Equal(
                tasks.Any(task => task.Template.Value == id) || view.Services.Any(service => service.Template.Value == id),
                view.IsTemplateUsed(new(id)));
        }

        foreach (ServiceRecord service in view.Services) Assert.Same(service, view.FindServiceByName(service.Spec.Name));
        foreach (NodeRecord node in view.Nodes) Assert.Same(node, view.FindNodeByPublicKey(node.Certificate.PublicKeyDigest.AsSpan()));
        Assert.Empty(view.TasksOfNode(default(NodeId)));
        Assert.Equal(view.Requests.OrderBy(row => row.At).ThenBy(row => row.Id), view.OldestRequests);
    }
}
