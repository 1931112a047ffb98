using System.Diagnostics;
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
        try
        {
            using var file = File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return IsIn(file);
        }
        catch (IOException)
        {
            // A database of containerd's, which is locked while that runs: for programs that look at locks, as ours are.
            using var cat = Process.Start(new ProcessStartInfo("cat", [path]) { RedirectStandardOutput = true })!;
            if (IsIn(cat.StandardOutput.BaseStream))
            {
                return true;
            }

            cat.WaitForExit();
            return cat.ExitCode == 0 ? false : throw new IOException($"{path} cannot be read");
        }
    }

    private bool IsIn(Stream content)
    {
        var block = new byte[BlockBytes];
        for (var kept = 0; ;)
        {
            var read = content.ReadAtLeast(block.AsSpan(kept), block.Length - kept, throwOnEndOfStream: false);
            var searched = block.AsSpan(0, kept + read);
            if (searched.ContainsAnyExcept((byte)0) && _forms.Any(form => block.AsSpan(0, kept + read).IndexOf(form) >= 0))
            {
                return true;
            }

            if (kept + read < block.Length)
            {
                return false;
            }

            // What is cut in two by the end of the block.
            kept = _longest;
            searched[^kept..].CopyTo(block);
        }
    }

    private static byte[] Inner(byte[] bytes, int shift)
    {
        var digits = Convert.ToBase64String([.. new byte[shift], .. bytes]);
        return Encoding.ASCII.GetBytes(digits[4..^4]);
    }
}
