using System.Diagnostics;

namespace Cluster.LabTests.Labs;

/// <summary>Runs a program to its end. A cancelled run is killed with all that it started.</summary>
internal static class Command
{
    /// <summary>Without stdin.</summary>
    public static Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, CancellationToken ct) => RunAsync(program, arguments, input: null, ct);

    public static async Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, string? input, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        if (input is not null)
        {
            await process.StandardInput.WriteLineAsync(input.AsMemory(), ct);
        }

        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var errors = process.StandardError.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            return new CommandResult(Describe(start), process.ExitCode, (await output).TrimEnd(), (await errors).TrimEnd());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{Describe(start)}' took too long and was killed");
        }
    }

    private static string Describe(ProcessStartInfo start) => $"{Path.GetFileName(start.FileName)} {string.Join(' ', start.ArgumentList)}";
}
