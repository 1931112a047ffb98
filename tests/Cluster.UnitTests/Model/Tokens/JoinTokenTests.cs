using Cluster.Model.Tokens;
using Xunit;

namespace Cluster.UnitTests.Model.Tokens;

public sealed class JoinTokenTests
{
    private static readonly byte[] Root = [1, 2, 3, 4];

    [Fact]
    public void Has_swarms_format_and_reads_back()
    {
        JoinToken token = JoinToken.Create(Root, UInt128.MaxValue);
        Assert.Matches("^SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}$", token.Reveal());
        Assert.True(JoinToken.TryParse(token.Reveal(), out JoinToken? back));
        Assert.Equal(token, back);
        Assert.Equal(token.Reveal(), back.Reveal());
    }

    [Fact]
    public void Knows_its_root_and_its_secret_and_no_others()
    {
        JoinToken token = JoinToken.Create(Root, 5);
        Assert.True(token.MatchesRoot(Root));
        Assert.False(token.MatchesRoot([1, 2, 3]));
        Assert.True(token.HasSecret(5));
        Assert.False(token.HasSecret(6));
        Assert.NotEqual(token, JoinToken.Create(Root, 6));
        Assert.NotEqual(token, JoinToken.Create([9], 5));
    }

    [Fact]
    public void Prints_stars() => Assert.Equal("*** ***", $"{JoinToken.Create(Root, 5)} {JoinToken.Create(Root, 6)}");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("SWMTKN-1-x-y")]
    [InlineData("SWMTKN-2-00000000000000000000000000000000000000000000000001-0000000000000000000000001")]
    [InlineData("SWMTKN-1-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz-0000000000000000000000001")]
    [InlineData("SWMTKN-1-00000000000000000000000000000000000000000000000001-zzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("SWMTKN-1-A0000000000000000000000000000000000000000000000001-0000000000000000000000001")]
    public void Refuses_what_is_no_token_without_repeating_it(string? text)
    {
        Assert.False(JoinToken.TryParse(text, out _));
        Assert.True(string.IsNullOrEmpty(text) || !JoinToken.Parse(text).Refusal!.Message.Contains(text, StringComparison.Ordinal));
    }
}
