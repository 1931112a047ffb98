using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store;
using Cluster.Testing.Store;
using Xunit;

namespace Cluster.UnitTests.Store;

public sealed class WorkingTransactionTests
{
    private static readonly ClusterTime Noon = new(1_000);

    private static StoreSnapshot Made(StoreSnapshot basis, Action<WorkingTransaction> body, ClusterTime? now = null)
    {
        WorkingTransaction transaction = new(basis, now ?? Noon);
        body(transaction);
        return transaction.Seal();
    }

    [Fact]
    public void Sees_its_own_writes_and_leaves_the_basis_alone()
    {
        StoreSnapshot basis = Made(StoreSnapshot.Empty, tx => tx.Put(StoreRows.Task(1, node: 5)));
        WorkingTransaction transaction = new(basis, Noon);
        transaction.Put(StoreRows.Task(2, node: 5));
        transaction.DeleteTask(new(1));

        Assert.Equal([2ul], transaction.TasksOfNode(new(5)).Select(task => (ulong)task.Id.Value));
        Assert.Equal(1, transaction.TaskCount);
        Assert.Equal([1ul], basis.TasksOfNode(new(5)).Select(task => (ulong)task.Id.Value));
    }

    [Fact]
    public void Gives_versions_in_another_incarnation_that_the_one_before_never_had()
    {
        StoreSnapshot lost = Made(StoreSnapshot.Empty, tx => tx.Put(StoreRows.Service(1)));
        StoreSnapshot begun = Made(StoreSnapshot.Empty.BeginIncarnation(1_800_000_000), tx => tx.Put(StoreRows.Service(1)));

        Assert.True(begun.Version > lost.Version + 1_000_000_000);
        Assert.Equal(begun.Version, begun.GetService(new(1))!.Meta.Version);
        Assert.Equal(begun.Version + 1, Made(begun, tx => tx.Put(StoreRows.Service(2))).Version);
    }

    [Fact]
    public void Stamps_the_first_and_the_last_change()
    {
        StoreSnapshot first = Made(StoreSnapshot.Empty, tx => tx.Put(StoreRows.Service(1)));
        StoreSnapshot second = Made(first, tx => tx.Put(tx.GetService(new(1))! with { Removing = true }), new ClusterTime(2_000));

        Assert.Equal(new ObjectMeta(1, 1, Noon, Noon), first.GetService(new(1))!.Meta);
        Assert.Equal(new ObjectMeta(1, 2, Noon, new(2_000)), second.GetService(new(1))!.Meta);
        Assert.Equal((2ul, new ClusterTime(2_000)), (second.Version, second.Time));
    }

    [Fact]
    public void Reports_net_changes_by_table_and_key()
    {
        StoreSnapshot basis = Made(StoreSnapshot.Empty, tx =>
        {
            tx.Put(StoreRows.Task(1));
            tx.Put(StoreRows.Task(2));
            tx.Put(StoreRows.Node(9));
        });
        WorkingTransaction transaction = new(basis, Noon);
        transaction.Put(StoreRows.Task(4));
        transaction.DeleteTask(new(4));
        transaction.Put(StoreRows.Task(3));
        transaction.DeleteTask(new(1));
        transaction.Put(StoreRows.Task(2, state: TaskState.Pending));
        transaction.Put(StoreRows.Task(2));
        transaction.Put(StoreRows.Node(9) with { Spec = new() { Availability = NodeAvailability.Drain } });

        Assert.Equal(
            [(Table.Nodes, ChangeKind.Put, false), (Table.Tasks, ChangeKind.Delete, false), (Table.Tasks, ChangeKind.Put, true)],
            transaction.Changes.Select(change => (change.Table, change.Kind, change.IsCreation)));
        Assert.Same(basis.GetTask(new(2)), transaction.GetTask(new(2)));
    }

    [Fact]
    public void Is_empty_and_seals_to_its_basis_when_rows_are_put_as_they_were()
    {
        StoreSnapshot basis = Made(StoreSnapshot.Empty, tx =>
        {
            tx.Put(StoreRows.Cluster());
            tx.Put(StoreRows.Node(1));
            tx.Put(StoreRows.Service(1));
            tx.Put(StoreRows.Template(1));
            tx.Put(StoreRows.Task(1));
            tx.Put(StoreRows.Claim(1, 80, 1));
            tx.Put(StoreRows.History(1, 1, 5));
            tx.Put(StoreRows.Request(1));
        });
        WorkingTransaction transaction = new(basis, new(5_000));
        transaction.Put(basis.Cluster! with { Meta = default });
        foreach (NodeRecord row in basis.Nodes) transaction.Put(row with { Meta = default });
        foreach (ServiceRecord row in basis.Services) transaction.Put(row with { Meta = default });
        foreach (TaskTemplate row in basis.Templates) transaction.Put(row with { Meta = default });
        foreach (TaskRecord row in basis.Tasks) transaction.Put(row with { Meta = default });
        transaction.Put(StoreRows.Claim(1, 80, 1));
        transaction.Put(StoreRows.History(1, 1, 5));
        transaction.Put(StoreRows.Request(1));

        Assert.True(transaction.IsEmpty);
        Assert.Empty(transaction.Changes);
        Assert.Same(basis, transaction.Seal());
    }

    [Fact]
    public void Goes_back_to_a_savepoint_more_than_once()
    {
        WorkingTransaction transaction = new(StoreSnapshot.Empty, Noon);
        transaction.Put(StoreRows.Service(1));
        Savepoint savepoint = transaction.Mark();
        for (int i = 0; i < 2; i++)
        {
            transaction.Put(StoreRows.Service(2, "other"));
            transaction.DeleteService(new(1));
            transaction.Put(StoreRows.Claim(1, 80, 1));
            transaction.RollbackTo(savepoint);
            Assert.Equal(["service1"], transaction.Services.Select(service => service.Spec.Name));
            Assert.Null(transaction.FindServiceByName("other"));
            Assert.Empty(transaction.PortClaims);
            Assert.Single(transaction.Changes);
        }
    }

    [Fact]
    public void Refuses_a_second_owner_of_a_name_a_key_or_a_port()
    {
        WorkingTransaction transaction = new(StoreSnapshot.Empty, Noon);
        transaction.Put(StoreRows.Service(1, "web"));
        transaction.Put(StoreRows.Node(1));
        transaction.Put(StoreRows.Claim(1, 80, 1));

        Assert.Throws<InvariantException>(() => transaction.Put(StoreRows.Service(2, "web")));
        Assert.Throws<InvariantException>(() => transaction.Put(StoreRows.Node(2) with { Certificate = StoreRows.Node(1).Certificate }));
        Assert.Throws<InvariantException>(() => transaction.Put(StoreRows.Claim(1, 80, 2)));
        Assert.Throws<InvariantException>(() => transaction.Put(StoreRows.Task(0)));
        transaction.DeletePortClaim(StoreRows.Claim(1, 80, 1).Key);
        transaction.Put(StoreRows.Claim(1, 80, 2));
        Assert.Equal(["web"], transaction.Services.Select(service => service.Spec.Name));
        Assert.Equal(1, transaction.NodeCount);
    }

    [Fact]
    public void Refuses_writes_after_it_was_sealed()
    {
        WorkingTransaction transaction = new(StoreSnapshot.Empty, Noon);
        transaction.Put(StoreRows.Service(1));
        transaction.Seal();
        Assert.Throws<InvariantException>(() => transaction.DeleteService(new(1)));
    }

    [Fact]
    public void Refuses_a_time_before_that_of_the_basis()
    {
        StoreSnapshot basis = Made(StoreSnapshot.Empty, tx => tx.Put(StoreRows.Service(1)));
        Assert.Throws<InvariantException>(() => new WorkingTransaction(basis, new(999)));
    }

    [Fact]
    public void Shows_the_state_at_the_call_when_a_loop_writes_what_it_enumerates()
    {
        WorkingTransaction transaction = new(StoreSnapshot.Empty, Noon);
        for (ulong id = 1; id <= 200; id++) transaction.Put(StoreRows.Task(id, slot: (int)(201 - id)));
        List<int> slots = [];
        foreach (TaskRecord task in transaction.TasksOfService(new(1)))
        {
            slots.Add(task.Slot);
            transaction.Put(task with { Slot = 1_000, NodeId = new(3) });
        }

        Assert.Equal(Enumerable.Range(1, 200), slots);
        Assert.Equal(200, transaction.TasksOfSlot(new(1), 1_000).Count());
        Assert.Equal(200, transaction.TasksOfNode(new(3)).Count());
    }
}
