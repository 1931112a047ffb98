using System.Text;
using Cluster.LabTests.Labs;

namespace Cluster.LabTests.Recovery;

/// <summary>Looks for 32 random bytes in every file below a directory: as they are, in hexadecimal, in base64, and in base64 of the hexadecimal text.</summary>
internal sealed class MarkerSearch
{
    private const int BlockBytes = 4 << 20;

    private readonly IReadOnlyList<byte[]> _forms;
    private readonly int _longest;

    /// <param name="marker">The bytes.</param>
    public MarkerSearch(byte[] marker)
    {
        Text = Convert.ToHexStringLower(marker);
        var text = Encoding.ASCII.GetBytes(Text);
        _forms =
        [
            marker,
            text,
            Encoding.ASCII.GetBytes(Convert.ToHexString(marker)),
            Encoding.Unicode.GetBytes(Text),

            // In the middle of other bytes, base64 has three alignments; the digits at the ends depend on what is beside.
            .. new[] { marker, text }.SelectMany(bytes => Enumerable.Range(0, 3).Select(shift => Inner(bytes, shift))),
        ];
        _longest = _forms.Max(form => form.Length);
    }

    /// <summary>The marker as a label has it.</summary>
    public string Text { get; }

    /// <summary>The files that hold it in any form. Nothing may write there meanwhile but what containers write.</summary>
    public async Task<IReadOnlyList<string>> FilesBelowAsync(string directory, CancellationToken ct)
    {
        // Only what is on this disk, and no pipe, which would wait for a writer.
        var files = (await Command.RunAsync("find", [directory, "-xdev", "-type", "f"], ct)).OrThrow().Lines;
        return [.. files.Where(IsIn)];
    }

    private bool IsIn(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var block = new byte[BlockBytes];
        for (long at = 0; ;)
        {
            var read = RandomAccess.Read(file, block, at);
            var content = block.AsSpan(0, read);
            if (content.ContainsAnyExcept((byte)0))
            {
                foreach (var form in _forms)
                {
                    if (content.IndexOf(form) >= 0)
                    {
                        return true;
                    }
                }
            }

            if (read <= _longest)
            {
                return false;
            }

            at += read - _longest;
        }
    }

    private static byte[] Inner(byte[] bytes, int shift)
    {
        var digits = Convert.ToBase64String([.. new byte[shift], .. bytes]);
        return Encoding.ASCII.GetBytes(digits[4..^4]);
    }
}
