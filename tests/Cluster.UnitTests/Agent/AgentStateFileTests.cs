using Cluster.Agent.State;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Testing.Agent;
using Xunit;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.UnitTests.Agent;

public sealed class AgentStateFileTests : IDisposable
{
    private static readonly AgentStateIdentity Identity = new(new ClusterId(1), new NodeId(2));
    private readonly string _directory = Directory.CreateTempSubdirectory("agent-state-").FullName;

    private string Path => System.IO.Path.Combine(_directory, "tasks");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Remembers_what_was_appended()
    {
        AgentState written;
        using (AgentStateFile file = AgentStateFile.Open(Path, Identity))
        {
            Assert.Equal(AgentState.Empty.Tasks, file.Loaded.Tasks);
            file.Append(SomeChanges());
            file.Append([new AgentStateChange.RemoveTask(AssignmentBuilder.Id(2)), Status(3, TaskState.Complete, isCleared: true)]);
            written = Expected(SomeChanges(), [new AgentStateChange.RemoveTask(AssignmentBuilder.Id(2)), Status(3, TaskState.Complete, isCleared: true)]);
        }

        CheckLoads(written);
        CheckLoads(written);
    }

    [Fact]
    public void Is_readable_by_its_owner_only()
    {
        AgentStateFile.Open(Path, Identity).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void Forgets_only_the_write_that_was_cut_short()
    {
        long whole = WriteInTwoSteps(out AgentState first);
        byte[] bytes = File.ReadAllBytes(Path);
        for (long length = whole; length < bytes.Length; length++)
        {
            File.WriteAllBytes(Path, bytes[..(int)length]);
            CheckLoads(first);
        }
    }

    [Fact]
    public void Takes_zeros_at_the_end_for_a_write_that_was_cut_short()
    {
        long whole = WriteInTwoSteps(out AgentState first);
        byte[] bytes = File.ReadAllBytes(Path);
        bytes.AsSpan((int)whole).Clear();
        File.WriteAllBytes(Path, bytes);
        CheckLoads(first);
    }

    [Fact]
    public void Starts_empty_and_keeps_the_file_when_it_is_damaged()
    {
        WriteInTwoSteps(out _);
        byte[] bytes = File.ReadAllBytes(Path);
        bytes[70] ^= 1;
        File.WriteAllBytes(Path, bytes);
        using AgentStateFile file = AgentStateFile.Open(Path, Identity);
        Assert.NotNull(file.Damage);
        Assert.Empty(file.Loaded.Tasks);
        Assert.Equal(bytes, File.ReadAllBytes(Path + ".damaged"));
        file.Append(SomeChanges());
    }

    [Fact]
    public void Never_fails_but_starts_empty_or_older_on_any_changed_byte()
    {
        WriteInTwoSteps(out _);
        byte[] bytes = File.ReadAllBytes(Path);
        for (int i = StateFileFormat.PreambleBytes; i < bytes.Length; i++)
        {
            byte[] bad = [.. bytes];
            bad[i] ^= 0x41;
            AgentStateReading reading = AgentStateReader.Read(bad, Identity);
            Assert.True(reading.State.Tasks.Length <= 4);
        }
    }

    [Fact]
    public void Refuses_an_unknown_version_with_its_number()
    {
        AgentStateFile.Open(Path, Identity).Dispose();
        byte[] bytes = File.ReadAllBytes(Path);
        bytes[8] = 7;
        File.WriteAllBytes(Path, bytes);
        Assert.Contains("version 7", Assert.Throws<AgentStateException>(() => AgentStateFile.Open(Path, Identity)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_the_file_of_another_node()
    {
        AgentStateFile.Open(Path, Identity).Dispose();
        Assert.Throws<AgentStateException>(() => AgentStateFile.Open(Path, Identity with { NodeId = new NodeId(3) }));
        Assert.Throws<AgentStateException>(() => AgentStateFile.Open(Path, Identity with { ClusterId = new ClusterId(3) }));
    }

    [Fact]
    public void Stays_small_however_often_a_task_changes()
    {
        using (AgentStateFile file = AgentStateFile.Open(Path, Identity))
        {
            file.Append(SomeChanges());
            AgentStateChange[] batch = [.. Enumerable.Range(0, 1000).Select(i => Status(1, TaskState.Running, isCleared: i % 2 == 0))];
            for (int i = 0; i < 60; i++) file.Append(batch);
        }

        Assert.True(new FileInfo(Path).Length < 2 << 20);
        using AgentStateFile again = AgentStateFile.Open(Path, Identity);
        Assert.Equal(3, again.Loaded.Tasks.Length);
        Assert.Equal(TaskState.Running, again.Loaded.Tasks[0].Status.State);
    }

    private static AgentStateChange[] SomeChanges() =>
    [
        new AgentStateChange.Position(3, 77),
        new AgentStateChange.PutAssignment(new AssignmentBuilder(1).Port(80).ServiceLabel("a", "b").Build()),
        new AgentStateChange.PutAssignment(new AssignmentBuilder(2).With(c => c with { Image = "other" }).Build()),
        new AgentStateChange.PutAssignment(new AssignmentBuilder(3).Desired(TaskState.Shutdown).Build()),
        Status(1, TaskState.Running, isCleared: false),
    ];

    private static AgentStateChange.PutStatus Status(int task, TaskState state, bool isCleared) => new(
        AssignmentBuilder.Id(task), new TaskStatus { State = state, Since = new ClusterTime(5), Message = "m", Error = "e", ExitCode = 0, Pid = 9 }, isCleared);

    private static AgentState Expected(params AgentStateChange[][] batches)
    {
        AgentStateBuilder builder = new();
        foreach (AgentStateChange change in batches.SelectMany(batch => batch)) builder.Apply(change);
        return builder.Build();
    }

    private long WriteInTwoSteps(out AgentState first)
    {
        using AgentStateFile file = AgentStateFile.Open(Path, Identity);
        file.Append(SomeChanges());
        first = Expected(SomeChanges());
        long whole = new FileInfo(Path).Length;
        file.Append([new AgentStateChange.PutAssignment(AssignmentBuilder.Task(4))]);
        return whole;
    }

    private void CheckLoads(AgentState expected)
    {
        using AgentStateFile file = AgentStateFile.Open(Path, Identity);
        Assert.Null(file.Damage);
        Assert.Equal((expected.Incarnation, expected.Version), (file.Loaded.Incarnation, file.Loaded.Version));
        Assert.Equal(expected.Tasks.AsEnumerable(), file.Loaded.Tasks.AsEnumerable());
    }
}
