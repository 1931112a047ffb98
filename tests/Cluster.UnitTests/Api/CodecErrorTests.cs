using Cluster.Api.Codec;
using Google.Protobuf;
using Xunit;
using V1 = Cluster.Api.V1;

namespace Cluster.UnitTests.Api;

public sealed class CodecErrorTests
{
    [Fact]
    public void Names_the_path_of_a_nested_field()
    {
        V1.Service service = new()
        {
            Id = "0000000000000000000000001",
            TemplateId = "0000000000000000000000002",
            Spec = new V1.ServiceSpec { Container = new V1.ContainerSpec { Image = "web", Mounts = { new V1.Mount { Type = V1.MountType.Bind }, new V1.Mount() } } },
        };
        CodecException e = Assert.Throws<CodecException>(() => service.ToModel());
        Assert.Equal("spec.container.mounts[1].type: is missing; allowed are bind, volume, tmpfs", e.Message);
    }

    [Theory]
    [InlineData("", "id: is missing; an id is 25 characters of 0-9 and a-z")]
    [InlineData("xyz", "id: 'xyz' is not an id; an id is 25 characters of 0-9 and a-z")]
    [InlineData("0000000000000000000000000", "id: is zero, which is no id")]
    public void Refuses_a_bad_id(string id, string message) =>
        Assert.Equal(message, Assert.Throws<CodecException>(() => new V1.Task { Id = id }.ToModel()).Message);

    [Fact]
    public void Refuses_a_missing_message() =>
        Assert.Equal("container: is missing and is required", Assert.Throws<CodecException>(() => new V1.ServiceSpec { Name = "web" }.ToModel()).Message);

    [Fact]
    public void Refuses_an_unknown_enum_value() => Assert.Equal(
        "mode: 77 is not a known value; allowed are replicated, global",
        Assert.Throws<CodecException>(() => new V1.ServiceSpec { Mode = (V1.ServiceMode)77, Container = new() }.ToModel()).Message);

    [Fact]
    public void Refuses_node_specs_that_would_demote_or_undrain_by_omission()
    {
        Assert.Equal("role", Assert.Throws<CodecException>(() => new V1.NodeSpec { Availability = V1.NodeAvailability.Drain }.ToModel()).Field);
        Assert.Equal("availability", Assert.Throws<CodecException>(() => new V1.NodeSpec { Role = V1.NodeRole.Worker }.ToModel()).Field);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void Refuses_times_out_of_range(long ticks) =>
        Assert.Equal("since_ticks", Assert.Throws<CodecException>(() => new V1.TaskStatus { State = V1.TaskState.New, SinceTicks = ticks }.ToModel()).Field);

    [Fact]
    public void Refuses_an_assignment_whose_template_is_not_known()
    {
        V1.TaskAssignment assignment = new()
        {
            TaskId = "0000000000000000000000001",
            ServiceId = "0000000000000000000000001",
            TemplateId = "0000000000000000000000001",
        };
        Assert.Equal("template_id", Assert.Throws<CodecException>(() => assignment.ToModel(_ => null)).Field);
    }

    [Fact]
    public void Refuses_rows_of_unknown_tables_and_bytes_that_are_no_entry()
    {
        Assert.Equal("row", Assert.Throws<CodecException>(() => RowCodec.ToModel(new Cluster.Api.Storage.Row())).Field);
        Assert.Equal("entry", Assert.Throws<CodecException>(() => EntryCodec.Decode([0xff, 0xff, 0xff])).Field);
        byte[] entry = new Cluster.Api.Storage.Entry { Puts = { new Cluster.Api.Storage.Row() } }.ToByteArray();
        Assert.Equal("puts[0].row", Assert.Throws<CodecException>(() => EntryCodec.Decode(entry)).Field);
    }

    [Fact]
    public void Uses_swarms_defaults_for_what_a_service_spec_leaves_out()
    {
        Cluster.Model.Specs.ServiceSpec spec = new V1.ServiceSpec { Name = "web", Container = new V1.ContainerSpec { Image = "i" } }.ToModel();
        Assert.Equal(new Cluster.Model.Specs.ServiceSpec { Name = "web", Container = new Cluster.Model.Specs.ContainerSpec { Image = "i" } }, spec);
    }
}
