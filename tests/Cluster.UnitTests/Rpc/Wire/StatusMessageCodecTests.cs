using Cluster.Rpc.Wire;
using Xunit;

namespace Cluster.UnitTests.Rpc.Wire;

public sealed class StatusMessageCodecTests
{
    [Theory]
    [InlineData("plain text ~", "plain text ~")]
    [InlineData("100%", "100%25")]
    [InlineData("ä\n€", "%C3%A4%0A%E2%82%AC")]
    public void Escapes_what_is_not_printable_ASCII(string message, string encoded)
    {
        Assert.Equal(encoded, StatusMessageCodec.Encode(message));
        Assert.Equal(message, StatusMessageCodec.Decode(encoded));
    }

    [Theory]
    [InlineData("50% of", "50% of")]
    [InlineData("%zz%4", "%zz%4")]
    [InlineData("%", "%")]
    [InlineData("ä%41", "äA")]
    public void Leaves_what_is_no_escape(string encoded, string message) => Assert.Equal(message, StatusMessageCodec.Decode(encoded));

    [Fact]
    public void Cuts_a_message_that_would_not_fit_into_the_headers() =>
        Assert.Equal(StatusMessageCodec.MaxLength, StatusMessageCodec.Encode(new string('x', 100_000)).Length);
}
