using Cluster.Containers.Images;
using Xunit;

namespace Cluster.UnitTests.Containers.Images;

public sealed class ImageNameTests
{
    [Theory]
    [InlineData("web", "docker.io/library/web:latest", "web:latest")]
    [InlineData("lab/web:1", "docker.io/lab/web:1", "lab/web:1")]
    [InlineData("docker.io/library/web:1", "docker.io/library/web:1", "web:1")]
    [InlineData("localhost:5000/a/b:c", "localhost:5000/a/b:c", "localhost:5000/a/b:c")]
    [InlineData("localhost/web", "localhost/web:latest", "localhost/web:latest")]
    [InlineData("r.example/web", "r.example/web:latest", "r.example/web:latest")]
    public void Completes_and_shortens(string reference, string full, string brief)
    {
        Assert.Equal((full, ""), ImageName.Normalize(reference));
        Assert.Equal(brief, ImageName.Shorten(full));
    }

    [Fact]
    public void Cuts_off_a_digest()
    {
        string digest = "sha256:" + new string('a', 64);
        Assert.Equal(("docker.io/library/web:1", digest), ImageName.Normalize("web:1@" + digest));
        Assert.Throws<FormatException>(() => ImageName.Normalize("web@sha256:12"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Web")]
    [InlineData("a//b")]
    [InlineData("web:")]
    [InlineData("web:-x")]
    [InlineData("../../etc")]
    [InlineData("web 1")]
    public void Refuses_what_is_no_reference(string reference) => Assert.Throws<FormatException>(() => ImageName.Normalize(reference));

    [Fact]
    public void Computes_chain_ids()
    {
        string one = "sha256:" + new string('1', 64), two = "sha256:" + new string('2', 64);
        Assert.Equal([one, BlobDigest.Of(System.Text.Encoding.UTF8.GetBytes($"{one} {two}"))], BlobDigest.ChainIds([one, two]));
    }
}
