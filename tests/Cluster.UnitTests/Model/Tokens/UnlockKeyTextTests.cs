using Cluster.Model.Tokens;
using Xunit;

namespace Cluster.UnitTests.Model.Tokens;

public sealed class UnlockKeyTextTests
{
    [Fact]
    public void Has_swarms_form()
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        string text = UnlockKeyText.Format(key);
        Assert.Equal("SWMKEY-1-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", text);
        Assert.True(UnlockKeyText.TryParse(text, out byte[]? parsed));
        Assert.Equal(key, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("SWMKEY-1-")]
    [InlineData("SWMKEY-2-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")]
    [InlineData("SWMKEY-1-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg")]
    [InlineData("SWMKEY-1-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    [InlineData("SWMKEY-1-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAAA")]
    [InlineData("SWMKEY-1-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH!8")]
    public void Refuses_what_is_none(string? text) => Assert.False(UnlockKeyText.TryParse(text, out _));
}
