using System.Text;

namespace Cluster.Cli.CommandLine;

/// <summary>Asks for a line that nobody is to read on the screen.</summary>
internal static class SecretPrompt
{
    /// <returns>Null: there is no line.</returns>
    public static string? Read(string question)
    {
        if (Console.IsInputRedirected) return Console.In.ReadLine();
        Console.Error.Write(question);
        StringBuilder line = new();
        for (ConsoleKeyInfo key; (key = Console.ReadKey(intercept: true)).Key != ConsoleKey.Enter;)
        {
            if (key.Key == ConsoleKey.Backspace && line.Length > 0) line.Length--;
            else if (!char.IsControl(key.KeyChar)) line.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return line.ToString();
    }
}
