using System.Globalization;

namespace Cluster.LabTests.Labs;

/// <summary>How often tests repeat what they do: little by default, more where someone asks with an environment variable (see README.md).</summary>
internal static class Repetitions
{
    private const string SeedVariable = "LAB_SEED";

    public static int Of(string variable, int usual) => Read(variable) ?? usual;

    /// <summary>A number that decides what a test leaves to chance; the test prints it.</summary>
    public static int Seed() => Read(SeedVariable) ?? Random.Shared.Next(1_000_000);

    private static int? Read(string variable)
    {
        var text = Environment.GetEnvironmentVariable(variable);
        return string.IsNullOrEmpty(text)
            ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new InvalidOperationException($"{variable} is '{text}', which is no number");
    }
}
