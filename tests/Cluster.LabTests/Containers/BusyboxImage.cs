using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Cluster.LabTests.Containers;

/// <summary>A small image in an OCI layout archive, built from the machine's static busybox.</summary>
internal sealed class BusyboxImage
{
    private const string BusyboxPath = "/bin/busybox";
    private static readonly string[] Applets = ["sh", "sleep", "cat", "echo", "id", "ls", "mount", "hostname", "env", "pwd", "touch", "tail", "ip", "wget", "httpd", "nc", "yes", "head", "true", "unshare", "grep", "tty"];

    public string Reference { get; init; } = "lab/busybox:1";

    public string Annotation { get; init; } = "org.opencontainers.image.ref.name";

    public JsonObject Process { get; init; } = new() { ["Cmd"] = new JsonArray("sh"), ["Env"] = new JsonArray("IMAGE=busybox") };

    /// <summary>Further files, by path, in a second layer.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Another architecture's manifest comes first in an index, when set.</summary>
    public bool IsMultiPlatform { get; init; }

    /// <summary>Left out of the archive: "layer", "config"; or "corrupt": a layer with a flipped byte.</summary>
    public string Fault { get; init; } = "";

    public byte[] Build(bool compress = false)
    {
        using MemoryStream archive = new();
        Stream target = compress ? new GZipStream(archive, CompressionLevel.Fastest, leaveOpen: true) : archive;
        using (TarWriter tar = new(target, TarEntryFormat.Pax, leaveOpen: true)) Write(tar);
        if (compress) target.Dispose();
        return archive.ToArray();
    }

    private void Write(TarWriter tar)
    {
        List<byte[]> layers = [BaseLayer()];
        if (Files.Count > 0) layers.Add(FilesLayer());
        JsonArray diffIds = [], descriptors = [];
        foreach (byte[] layer in layers)
        {
            diffIds.Add(Digest(layer));
            byte[] packed = Gzip(layer);
            descriptors.Add(Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", packed));
            if (Fault == "corrupt") packed[packed.Length / 2] ^= 1;
            if (Fault != "layer") Blob(tar, packed, Fault == "corrupt" ? (string)descriptors[^1]!["digest"]! : null);
        }

        byte[] config = Json(new JsonObject
        {
            ["architecture"] = Architecture, ["os"] = "linux", ["config"] = Process.DeepClone(),
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = diffIds },
        });
        if (Fault != "config") Blob(tar, config);
        byte[] manifest = Json(new JsonObject
        {
            ["schemaVersion"] = 2, ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", config), ["layers"] = descriptors,
        });
        Blob(tar, manifest);
        JsonObject target = Descriptor("application/vnd.oci.image.manifest.v1+json", manifest);
        if (IsMultiPlatform)
        {
            JsonObject foreign = new() { ["mediaType"] = "application/vnd.oci.image.manifest.v1+json", ["digest"] = Digest("absent"u8), ["size"] = 6, ["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = "mips" } };
            target["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = Architecture };
            byte[] nested = Json(new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = "application/vnd.oci.image.index.v1+json", ["manifests"] = new JsonArray(foreign, target) });
            Blob(tar, nested);
            target = Descriptor("application/vnd.oci.image.index.v1+json", nested);
        }

        target["annotations"] = new JsonObject { [Annotation] = Reference };
        Entry(tar, "index.json", Json(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(target) }));
        Entry(tar, "oci-layout", Json(new JsonObject { ["imageLayoutVersion"] = "1.0.0" }));
    }

    public static string Architecture =>
        System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    private static byte[] BaseLayer()
    {
        using MemoryStream bytes = new();
        using (TarWriter tar = new(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (string directory in (string[])["bin/", "etc/", "tmp/", "proc/", "sys/", "dev/", "data/", "home/", "home/web/"])
            {
                PaxTarEntry entry = new(TarEntryType.Directory, directory) { Mode = Mode(directory == "tmp/" ? 0x3ff : 0x1ed) };
                if (directory is "data/" or "home/web/") (entry.Uid, entry.Gid) = (1000, 1000);
                tar.WriteEntry(entry);
            }

            using FileStream busybox = File.OpenRead(BusyboxPath);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = Mode(0x1ed), DataStream = busybox });
            foreach (string applet in Applets) tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "bin/" + applet) { LinkName = "busybox" });
            Entry(tar, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/home/web:/bin/sh\n"u8.ToArray());
            Entry(tar, "etc/group", "root:x:0:\nweb:x:1000:\nextra:x:2000:web\n"u8.ToArray());
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "data/seed") { Mode = Mode(0x1a4), Uid = 1000, Gid = 1000, DataStream = new MemoryStream("from the image\n"u8.ToArray()) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "trap") { LinkName = "/etc" });
        }

        return bytes.ToArray();
    }

    private byte[] FilesLayer()
    {
        using MemoryStream bytes = new();
        using (TarWriter tar = new(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach ((string path, string text) in Files) Entry(tar, path, Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }

    private static UnixFileMode Mode(int bits) => (UnixFileMode)bits;

    private static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(bytes);
        return packed.ToArray();
    }

    private static byte[] Json(JsonObject document) => Encoding.UTF8.GetBytes(document.ToJsonString());

    private static string Digest(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static JsonObject Descriptor(string mediaType, byte[] blob) => new() { ["mediaType"] = mediaType, ["digest"] = Digest(blob), ["size"] = blob.Length };

    private static void Blob(TarWriter tar, byte[] bytes, string? digest = null) => Entry(tar, "blobs/sha256/" + (digest ?? Digest(bytes))["sha256:".Length..], bytes);

    private static void Entry(TarWriter tar, string name, byte[] bytes) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = Mode(0x1a4), DataStream = new MemoryStream(bytes) });
}
