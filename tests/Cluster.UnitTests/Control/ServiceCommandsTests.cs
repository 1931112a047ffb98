using Cluster.Control.Commands;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Store;
using Cluster.Testing.Control;
using Xunit;

namespace Cluster.UnitTests.Control;

public sealed class ServiceCommandsTests
{
    private static readonly ServiceSpec Spec = new() { Name = "web", Replicas = 2, Container = new ContainerSpec { Image = "lab/web:1" } };

    private readonly ControlScene _scene = new();

    [Fact]
    public void Tells_a_retry_what_became_of_the_first_answer()
    {
        ServiceRecord web = _scene.Do(t => ServiceCommands.Create(t, Spec, _scene.Ids));
        UInt128 kept = ServiceCommands.CreateRequest.ObjectOf(web);
        Assert.Equal(web, ServiceCommands.CreateRequest.Again(_scene.State, kept).Value);
        _scene.Do(t => ServiceCommands.Remove(t, web.Id));
        _scene.Settle();
        Assert.Equal(RefusalKind.NotFound, ServiceCommands.CreateRequest.Again(_scene.State, kept).Refusal?.Kind);
        Assert.Equal(web.Id, ServiceCommands.RemoveRequest.Again(_scene.State, kept).Value);
    }

    [Fact]
    public void Name_in_use_is_refused()
    {
        ServiceId web = Create();
        Refuses(RefusalKind.AlreadyExists, t => ServiceCommands.Create(t, Spec, _scene.Ids));
        _scene.Do(t => ServiceCommands.Remove(t, web));
        Refuses(RefusalKind.AlreadyExists, t => ServiceCommands.Create(t, Spec, _scene.Ids));
    }

    [Fact]
    public void Changes_what_needs_no_new_container()
    {
        ServiceId web = Create();
        ServiceRecord before = _scene.State.GetService(web)!;
        ServiceSpec spec = Spec with { Replicas = 5, Labels = Labels.Empty.With("a", "b"), Restart = new RestartPolicy { MaxAttempts = 3 } };
        ServiceRecord after = _scene.Do(t => ServiceCommands.Update(t, web, before.Meta.Version, spec));
        Assert.Equal(spec, after.Spec);
        Assert.Equal(before.Template, after.Template);
        Assert.True(after.SpecVersion > before.SpecVersion);
    }

    [Fact]
    public void Refuses_updates_from_an_old_version_with_swarms_words()
    {
        ServiceId web = Create();
        Refusal refusal = Refuses(RefusalKind.OutOfSequence, t => ServiceCommands.Update(t, web, 1, Spec));
        Assert.Contains("update out of sequence", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image")]
    [InlineData("name")]
    public void Refuses_what_is_not_built_and_says_what_to_do(string what)
    {
        ServiceId web = Create();
        ServiceSpec spec = what == "name" ? Spec with { Name = "other" } : Spec with { Container = Spec.Container with { Image = "lab/web:2" } };
        Refusal refusal = Refuses(RefusalKind.Unsupported, t => ServiceCommands.Update(t, web, t.GetService(web)!.Meta.Version, spec));
        Assert.Contains("create", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_to_change_what_is_being_removed()
    {
        ServiceId web = Create();
        _scene.Do(t => ServiceCommands.Remove(t, web));
        Refuses(RefusalKind.FailedPrecondition, t => ServiceCommands.Scale(t, web, 3));
    }

    [Fact]
    public void Refuses_ingress_ports_until_there_is_a_mesh()
    {
        ServiceSpec spec = Spec with { Ports = [new(PortProtocol.Tcp, 80, 8080, PublishMode.Ingress)] };
        Refuses(RefusalKind.Unsupported, t => ServiceCommands.Create(t, spec, _scene.Ids));
    }

    [Fact]
    public void Finds_by_id_name_and_unique_prefix()
    {
        ServiceId web = Create();
        ServiceId other = _scene.AddService("other", 1);
        Assert.Equal(web, Lookup.Service(_scene.State, web.ToString()).Value.Id);
        Assert.Equal(other, Lookup.Service(_scene.State, "other").Value.Id);
        Assert.Equal(RefusalKind.NotFound, Lookup.Service(_scene.State, "none").Refusal!.Kind);
        Assert.Contains("ambiguous", Lookup.Service(_scene.State, "0000").Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Finds_tasks_by_prefix_without_a_walk()
    {
        _scene.AddNode();
        ServiceId web = Create();
        _scene.Settle();
        TaskRecord task = _scene.TasksOf(web)[0];
        Assert.Equal(task.Id, Lookup.Task(_scene.State, task.Id.ToString()).Value.Id);
        Assert.Contains("ambiguous", Lookup.Task(_scene.State, "00").Refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(RefusalKind.NotFound, Lookup.Task(_scene.State, "zz").Refusal!.Kind);
        Assert.Equal(RefusalKind.NotFound, Lookup.Task(_scene.State, "").Refusal!.Kind);
    }

    private ServiceId Create() => _scene.Do(t => ServiceCommands.Create(t, Spec, _scene.Ids)).Id;

    private Refusal Refuses<T>(RefusalKind kind, Func<WorkingTransaction, Result<T>> command)
    {
        Refusal? refusal = null;
        _scene.Change(t =>
        {
            refusal = command(t).Refusal;
            Assert.True(t.IsEmpty);
        });
        Assert.Equal(kind, refusal?.Kind);
        return refusal!;
    }
}
