using Cluster.Cli.CommandLine;

namespace Cluster.Cli.Contexts;

/// <summary>
/// Named ways to clusters, a file each in <c>~/.config/cluster/contexts</c> (or below <c>$XDG_CONFIG_HOME</c>), and the name of the one in
/// use. Without one, commands go to the daemon of this machine.
/// </summary>
internal sealed class ContextStore(Func<string, string?> environment)
{
    /// <summary>The daemon of this machine.</summary>
    public const string Default = "default";

    private const string Extension = ".pem";

    private string Root => Path.Combine(
        environment("XDG_CONFIG_HOME") is { Length: > 0 } config ? config : Path.Combine(environment("HOME") is { Length: > 0 } home ? home : "/root", ".config"), "cluster");

    private string CurrentPath => Path.Combine(Root, "current-context");

    public string Current => File.Exists(CurrentPath) ? File.ReadAllText(CurrentPath).Trim() : Default;

    public IReadOnlyList<string> List() =>
        Directory.Exists(Path.Combine(Root, "contexts"))
            ? [.. Directory.EnumerateFiles(Path.Combine(Root, "contexts"), "*" + Extension).Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)]
            : [];

    public IdentityBundle Load(string name) => IdentityBundle.Read(Existing(name));

    public void Create(string name, IdentityBundle bundle)
    {
        string path = PathOf(name);
        if (File.Exists(path)) throw new CliException($"context {name} exists: 'cluster context rm {name}' first");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        bundle.Write(path);
    }

    public void Use(string name)
    {
        if (name == Default)
        {
            File.Delete(CurrentPath);
            return;
        }

        Existing(name);
        File.WriteAllText(CurrentPath, name + "\n");
    }

    public void Remove(string name)
    {
        string path = Existing(name);
        if (Current == name) Use(Default);
        File.Delete(path);
    }

    private string Existing(string name)
    {
        string path = PathOf(name);
        return File.Exists(path) ? path : throw new CliException($"there is no context {name}: 'cluster context ls' lists them, 'cluster context create' makes one");
    }

    private string PathOf(string name)
    {
        bool isFit = name.Length is > 0 and <= 64 && name != Default && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && char.IsAsciiLetterOrDigit(name[0]);
        return isFit ? Path.Combine(Root, "contexts", name + Extension) : throw new CliException($"'{name}' is not a context's name: allowed are 1-64 letters, digits, '-', '_' and '.', and not 'default'");
    }
}
