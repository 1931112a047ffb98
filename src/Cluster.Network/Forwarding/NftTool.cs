using System.ComponentModel;
using System.Diagnostics;

namespace Cluster.Network.Forwarding;

/// <summary>Runs <c>nft</c>, in the network namespace of this process.</summary>
internal static class NftTool
{
    /// <summary>Applies a text in one transaction.</summary>
    public static async Task ApplyAsync(string ruleset, CancellationToken ct)
    {
        (int code, _, string errors) = await RunAsync(["-f", "-"], ruleset, ct);
        if (code != 0) throw new IOException($"nft refused the rules of the containers' network: {errors.Trim()}");
    }

    /// <summary>The table as JSON; null when there is none.</summary>
    public static async Task<string?> ListAsync(string table, CancellationToken ct)
    {
        (int code, string output, string errors) = await RunAsync(["-j", "list", "table", "ip", table], null, ct);
        if (code == 0) return output;
        return errors.Contains("No such file or directory", StringComparison.Ordinal) ? null : throw new IOException($"nft cannot list the table {table}: {errors.Trim()}");
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string[] arguments, string? input, CancellationToken ct)
    {
        ProcessStartInfo start = new("nft", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment["LC_ALL"] = "C";
        try
        {
            using Process process = Process.Start(start) ?? throw new IOException("no process for nft");
            Task<string> output = process.StandardOutput.ReadToEndAsync(ct), errors = process.StandardError.ReadToEndAsync(ct);
            if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), ct);
            process.StandardInput.Close();
            await process.WaitForExitAsync(ct);
            return (process.ExitCode, await output, await errors);
        }
        catch (Win32Exception e)
        {
            throw new IOException("nft cannot be started: install nftables (Debian: apt-get install nftables)", e);
        }
    }
}
