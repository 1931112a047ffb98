using System.Text;

namespace Cluster.Containers.Containerd;

/// <summary>Where containerd and what belongs to its tasks keep their files. Derived from the options alone, so that a restarted agent finds them.</summary>
internal sealed class ContainerdPaths
{
    /// <summary>sizeof(sockaddr_un.sun_path) without the terminating zero.</summary>
    private const int MaxSocketPathBytes = 107;

    public ContainerdPaths(ContainerEngineOptions options)
    {
        if (!Path.IsPathFullyQualified(options.StateDirectory) || !Path.IsPathFullyQualified(options.RunDirectory))
        {
            throw new ArgumentException($"state directory '{options.StateDirectory}' and run directory '{options.RunDirectory}' must be absolute paths");
        }

        State = Path.TrimEndingDirectorySeparator(options.StateDirectory);
        Run = Path.TrimEndingDirectorySeparator(options.RunDirectory);
        Socket = options.ExternalSocket ?? Path.Combine(Run, "containerd", "containerd.sock");
        CheckSocketPath(Socket, ".ttrpc");
    }

    public string State { get; }

    public string Run { get; }

    public string Socket { get; }

    public string TtrpcSocket => Socket + ".ttrpc";

    public string ContainerdRoot => Path.Combine(State, "containerd");

    public string ContainerdState => Path.Combine(Run, "containerd", "state");

    public string ConfigFile => Path.Combine(Run, "containerd", "config.toml");

    public string ContainerdLog => Path.Combine(State, "logs", "containerd.log");

    /// <summary>
    /// runc's own state. The shim's default is one directory for all instances of containerd on a machine, where equal names in two of
    /// them kill each other's containers.
    /// </summary>
    public string RuncRoot => Path.Combine(Run, "containerd", "runc");

    public string Volumes => Path.Combine(State, "volumes");

    public string TaskLogs => Path.Combine(State, "logs", "tasks");

    /// <summary>Holds one directory per task: the files that are mounted over /etc/hosts and the like.</summary>
    public string Tasks => Path.Combine(Run, "tasks");

    private static void CheckSocketPath(string path, string longestSuffix)
    {
        int length = Encoding.UTF8.GetByteCount(path) + longestSuffix.Length;
        if (length <= MaxSocketPathBytes) return;
        throw new ArgumentException(
            $"the socket path '{path}{longestSuffix}' has {length} bytes, the system allows {MaxSocketPathBytes}: choose a shorter run directory");
    }
}
