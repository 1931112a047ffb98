using System.Formats.Tar;
using System.IO.Compression;

namespace Cluster.Containers.Images;

/// <summary>
/// Reads an OCI image layout from a tar archive, plain or compressed with gzip, in one pass and in any order of its entries. Blobs are
/// handed on as they come; the small documents are kept.
/// </summary>
internal static class OciArchive
{
    private const int MaxIndexBytes = 4 << 20;
    private const int MaxEntries = 100_000;

    /// <param name="writeBlob">Takes digest, size and content of a blob.</param>
    public static async Task<ImageIndexDocument> ReadAsync(Stream archive, Func<string, long, Stream, Task> writeBlob, CancellationToken ct)
    {
        try
        {
            return await ReadEntriesAsync(archive, writeBlob, ct);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new ImageFormatException($"not a readable tar archive: {e.Message}", e);
        }
    }

    private static async Task<ImageIndexDocument> ReadEntriesAsync(Stream archive, Func<string, long, Stream, Task> writeBlob, CancellationToken ct)
    {
        await using Stream plain = await DecompressAsync(archive, ct);
        await using TarReader reader = new(plain, leaveOpen: true);
        ImageIndexDocument? index = null;
        bool isLayout = false, isOldDocker = false;
        for (int count = 0; await reader.GetNextEntryAsync(copyData: false, ct) is { } entry; count++)
        {
            if (count == MaxEntries) throw new ImageFormatException($"the archive has more than {MaxEntries} entries");
            if (entry.DataStream is not { } content) continue;
            string name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            if (name.Equals("index.json", StringComparison.Ordinal))
            {
                index = ImageReader.Parse(await SmallAsync(entry, content, ct), ImageDocumentsContext.Default.ImageIndexDocument, name);
            }
            else if (name.Equals("oci-layout", StringComparison.Ordinal))
            {
                LayoutDocument layout = ImageReader.Parse(await SmallAsync(entry, content, ct), ImageDocumentsContext.Default.LayoutDocument, name);
                isLayout = layout.ImageLayoutVersion is { } version && version.StartsWith("1.", StringComparison.Ordinal)
                    ? true : throw new ImageFormatException($"the layout's version is '{layout.ImageLayoutVersion}', known is 1");
            }
            else if (name.StartsWith("blobs/sha256/", StringComparison.Ordinal))
            {
                string digest = BlobDigest.Prefix + name["blobs/sha256/".Length..];
                if (!BlobDigest.IsValid(digest)) throw new ImageFormatException($"'{name}' is not the name of a blob");
                await writeBlob(digest, entry.Length, content);
            }
            else if (name.Equals("manifest.json", StringComparison.Ordinal))
            {
                isOldDocker = true;
            }
        }

        if (index is null && isOldDocker) throw new ImageFormatException("an archive of an old 'docker save' without an OCI layout: save it with Docker 25 or later, or with skopeo copy to oci-archive:");
        if (!isLayout || index is null) throw new ImageFormatException("no OCI image layout: the archive has no oci-layout or no index.json");
        return index;
    }

    private static async Task<byte[]> SmallAsync(TarEntry entry, Stream content, CancellationToken ct)
    {
        if (entry.Length > MaxIndexBytes) throw new ImageFormatException($"{entry.Name} has {entry.Length} bytes, more than {MaxIndexBytes}");
        byte[] bytes = new byte[entry.Length];
        await content.ReadExactlyAsync(bytes, ct);
        return bytes;
    }

    private static async Task<Stream> DecompressAsync(Stream archive, CancellationToken ct)
    {
        byte[] start = new byte[2];
        int count = await archive.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, ct);
        Stream whole = new PrefixedStream(start.AsMemory(0, count), archive);
        return count == 2 && start[0] == 0x1f && start[1] == 0x8b ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }
}
