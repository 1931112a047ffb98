using Cluster.Rpc;
using Xunit;

namespace Cluster.UnitTests.Rpc;

public sealed class RpcAddressTests
{
    [Theory]
    [InlineData("manager:2377")]
    [InlineData("10.0.0.1:2377")]
    [InlineData("[fd00::1]:2377")]
    [InlineData("unix:///run/a.sock")]
    public void Reads_what_it_writes(string text) => Assert.Equal(text, RpcAddress.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("manager")]
    [InlineData("manager:")]
    [InlineData(":2377")]
    [InlineData("manager:0")]
    [InlineData("manager:65536")]
    [InlineData("manager:-1")]
    [InlineData("fd00::1:2377")]
    [InlineData("unix://")]
    public void Refuses_what_is_no_address(string text) => Assert.Throws<FormatException>(() => RpcAddress.Parse(text));

    [Fact]
    public void Has_no_brackets_in_the_host() => Assert.Equal("fd00::1", RpcAddress.Parse("[fd00::1]:1").Host);
}
