using System.Text.Json.Nodes;
using Cluster.Agent.Runtime;
using Cluster.Model.Specs;
using Xunit;

namespace Cluster.LabTests.Containers;

[Collection(EngineCollection.Name)]
public sealed class ImageStoreTests(EngineFixture fixture)
{
    private static CancellationToken Ct => EngineFixture.Ct;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Loads_an_archive_and_runs_it(bool compress, bool isMultiPlatform)
    {
        BusyboxImage image = new()
        {
            Reference = $"docker.io/lab/loaded:{compress}",
            Annotation = "io.containerd.image.name",
            IsMultiPlatform = isMultiPlatform,
            Process = new JsonObject { ["Entrypoint"] = new JsonArray("cat"), ["Cmd"] = new JsonArray("/extra") },
            Files = new Dictionary<string, string>(StringComparer.Ordinal) { ["extra"] = "second layer\n" },
        };
        IReadOnlyList<string> names = await fixture.Engine.Images.LoadAsync(new MemoryStream(image.Build(compress)), Ct);
        string name = $"lab/loaded:{compress}";
        Assert.Equal([name], names);
        ImageInfo info = Assert.Single(await fixture.Engine.Images.ListAsync(Ct), listed => listed.Reference == name);
        Assert.True(info.SizeBytes > 100_000);
        (_, string stdout, _) = await fixture.RunAsync(EngineFixture.Plan(new ContainerSpec { Image = name }));
        Assert.Equal("second layer\n", stdout);
        (_, stdout, _) = await fixture.RunAsync(EngineFixture.Plan(new ContainerSpec { Image = $"{name}@{info.Digest}" }));
        Assert.Equal("second layer\n", stdout);
    }

    [Theory]
    [InlineData("layer", "missing")]
    [InlineData("config", "missing")]
    [InlineData("corrupt", "unexpected")]
    public async Task Refuses_a_faulty_archive_and_keeps_nothing_of_it(string fault, string message)
    {
        BusyboxImage image = new() { Reference = "lab/faulty:1", Fault = fault, Files = new Dictionary<string, string>(StringComparer.Ordinal) { ["fault"] = fault } };
        int before = BlobCount();
        RuntimeException error = await Assert.ThrowsAsync<RuntimeException>(() => fixture.Engine.Images.LoadAsync(new MemoryStream(image.Build()), Ct));
        Assert.False(error.IsTemporary);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(await fixture.Engine.Images.ListAsync(Ct), listed => listed.Reference == "lab/faulty:1");
        Assert.Equal(before, BlobCount());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(fixture.Options.StateDirectory, "containerd/io.containerd.content.v1.content/ingest")));
    }

    [Fact]
    public async Task Refuses_what_is_no_archive()
    {
        foreach (byte[] bytes in (byte[][])[[], "not a tar archive"u8.ToArray(), new byte[10240], [0x1f, 0x8b, 1, 2, 3]])
        {
            RuntimeException error = await Assert.ThrowsAsync<RuntimeException>(() => fixture.Engine.Images.LoadAsync(new MemoryStream(bytes), Ct));
            Assert.False(error.IsTemporary);
        }
    }

    private int BlobCount() => Directory.GetFiles(Path.Combine(fixture.Options.StateDirectory, "containerd/io.containerd.content.v1.content/blobs/sha256")).Length;
}
