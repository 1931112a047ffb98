using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Xunit;

namespace Cluster.UnitTests.Architecture;

/// <summary>
/// What is in proto/cluster must be understood by who speaks, or has stored, what was there before: proto/cluster.protoset, a descriptor set as
/// <c>protoc --descriptor_set_out</c> makes them. What is new is recorded there by running these tests with <c>CLUSTER_RECORD_PROTOCOL=1</c>.
/// </summary>
public sealed class ProtocolTests
{
    private const string RecordVariable = "CLUSTER_RECORD_PROTOCOL";

    private static string RecordPath => Path.Combine(Sources.Root, "proto", "cluster.protoset");

    [Fact]
    public void Nothing_breaks_those_who_know_the_protocol_of_before()
    {
        FileDescriptorSet current = Current();
        Assert.Empty(ProtocolComparison.Breaks(Recorded(), current));
        if (Environment.GetEnvironmentVariable(RecordVariable) == "1") File.WriteAllBytes(RecordPath, current.ToByteArray());
    }

    [Fact]
    public void What_is_new_is_recorded() =>
        Assert.True(Current().Equals(Recorded()), $"proto/ has changed: record it with '{RecordVariable}=1 dotnet test tests/Cluster.UnitTests --filter ProtocolTests' and commit proto/cluster.protoset");

    [Theory]
    [InlineData("TaskStatus.state is gone", nameof(RemoveField))]
    [InlineData("", nameof(RemoveAndReserveField))]
    [InlineData("TaskStatus.message is", nameof(ChangeType))]
    [InlineData("TaskStatus.message is Repeated", nameof(Repeat))]
    [InlineData("is not in the oneof", nameof(LeaveOneof))]
    [InlineData("TaskStatus is gone", nameof(RemoveMessage))]
    [InlineData("NODE_ROLE_MANAGER is gone", nameof(RemoveValue))]
    [InlineData("Control.ListNodes is gone", nameof(RemoveMethod))]
    [InlineData("Watch.Watch streams otherwise", nameof(StopStreaming))]
    [InlineData("", nameof(AddField))]
    [InlineData("", nameof(RenameField))]
    public void Finds_what_breaks(string expected, string change)
    {
        FileDescriptorSet newer = Current();
        typeof(ProtocolTests).GetMethod(change, BindingFlags.NonPublic | BindingFlags.Static)!.Invoke(null, [newer]);
        List<string> breaks = [.. ProtocolComparison.Breaks(Current(), newer)];
        if (expected.Length == 0) Assert.Empty(breaks);
        else Assert.Contains(breaks, found => found.Contains(expected, StringComparison.Ordinal));
    }

    private static void RemoveField(FileDescriptorSet set) => Message(set, "TaskStatus").Field.RemoveAt(0);

    private static void RemoveAndReserveField(FileDescriptorSet set)
    {
        RemoveField(set);
        Message(set, "TaskStatus").ReservedRange.Add(new DescriptorProto.Types.ReservedRange { Start = 1, End = 2 });
    }

    private static void ChangeType(FileDescriptorSet set) => Field(set, "message").Type = FieldDescriptorProto.Types.Type.Bytes;

    private static void Repeat(FileDescriptorSet set) => Field(set, "message").Label = FieldDescriptorProto.Types.Label.Repeated;

    private static void LeaveOneof(FileDescriptorSet set) => Message(set, "WatchEvent").Field.First(field => field.Name == "task").ClearOneofIndex();

    private static void RemoveMessage(FileDescriptorSet set)
    {
        foreach (FileDescriptorProto file in set.File)
            if (file.MessageType.FirstOrDefault(message => message.Name == "TaskStatus") is { } found) file.MessageType.Remove(found);
    }

    private static void RemoveValue(FileDescriptorSet set) =>
        set.File.SelectMany(file => file.EnumType).Single(type => type.Name == "NodeRole").Value.RemoveAt(2);

    private static void RemoveMethod(FileDescriptorSet set) => Remove(Service(set, "Control").Method, method => method.Name == "ListNodes");

    private static void StopStreaming(FileDescriptorSet set) => Service(set, "Watch").Method[0].ServerStreaming = false;

    private static void AddField(FileDescriptorSet set) =>
        Message(set, "TaskStatus").Field.Add(new FieldDescriptorProto { Name = "more", Number = 99, Type = FieldDescriptorProto.Types.Type.String, Label = FieldDescriptorProto.Types.Label.Optional });

    private static void RenameField(FileDescriptorSet set) => Field(set, "message").Name = "text";

    private static DescriptorProto Message(FileDescriptorSet set, string name) => set.File.SelectMany(file => file.MessageType).Single(message => message.Name == name);

    private static FieldDescriptorProto Field(FileDescriptorSet set, string name) => Message(set, "TaskStatus").Field.Single(field => field.Name == name);

    private static ServiceDescriptorProto Service(FileDescriptorSet set, string name) => set.File.SelectMany(file => file.Service).Single(service => service.Name == name);

    private static void Remove<T>(IList<T> list, Func<T, bool> isIt) => list.Remove(list.Single(isIt));

    private static FileDescriptorSet Recorded() => File.Exists(RecordPath) ? FileDescriptorSet.Parser.ParseFrom(File.ReadAllBytes(RecordPath)) : new FileDescriptorSet();

    /// <summary>Every file under proto/cluster, as it is compiled into Cluster.Api.</summary>
    private static FileDescriptorSet Current() => new()
    {
        File =
        {
            typeof(Cluster.Api.V1.ControlReflection).Assembly.GetTypes().Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal))
                .Select(type => ((FileDescriptor)type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!).ToProto().Clone()).OrderBy(file => file.Name, StringComparer.Ordinal),
        },
    };
}
