using Cluster.Rpc.Wire;
using Grpc.Core;
using Xunit;

namespace Cluster.UnitTests.Rpc.Wire;

public sealed class MetadataTests
{
    [Fact]
    public void Gives_the_last_value_of_a_key_and_all_in_order()
    {
        var metadata = new Metadata { { "A", "1" }, { "b", "2" }, { "a", "3" } };

        Assert.Equal("3", metadata.GetValue("a"));
        Assert.Equal(["1", "3"], metadata.GetAll("A").Select(entry => entry.Value));
        Assert.Null(metadata.GetValue("c"));
    }

    [Fact]
    public void Refuses_keys_and_values_that_cannot_be_sent()
    {
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("", "x"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("a b", "x"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("a", "ä"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("a", "line\nbreak"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("a-bin", "text"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("a", [1]));
    }

    [Fact]
    public void Refuses_changes_to_the_empty_one() => Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("a", "b"));

    [Fact]
    public void Decodes_binary_values_padded_unpadded_and_joined()
    {
        var metadata = new Metadata();

        MetadataCodec.Decode(metadata, "X-Bin", "AA==, AQ,AgM");

        Assert.Equal([[0], [1], [2, 3]], metadata.GetAll("x-bin").Select(entry => entry.ValueBytes));
    }

    [Theory]
    [InlineData("x-bin", "?")]
    [InlineData("x", "ä")]
    [InlineData("x y", "v")]
    [InlineData("grpc-status", "0")]
    [InlineData("grpc-anything", "v")]
    [InlineData(":path", "/")]
    [InlineData("Content-Type", "application/grpc")]
    public void Leaves_out_what_it_cannot_hold_and_what_belongs_to_the_protocol(string key, string value)
    {
        var metadata = new Metadata();

        MetadataCodec.Decode(metadata, key, value);

        Assert.Empty(metadata);
    }
}
