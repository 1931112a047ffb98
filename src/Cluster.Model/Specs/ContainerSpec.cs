namespace Cluster.Model.Specs;

/// <summary>What runs in a task's container. Null or empty means "as the image says".</summary>
public sealed record ContainerSpec
{
    /// <summary>An image reference as the user gave it, such as <c>lab/web:1</c>.</summary>
    public required string Image { get; init; }

    /// <summary>Replaces the image's entrypoint.</summary>
    public ValueList<string> Command { get; init; } = [];

    /// <summary>Replaces the image's command.</summary>
    public ValueList<string> Args { get; init; } = [];

    /// <summary><c>NAME=value</c>; placeholders such as <c>{{.Task.Slot}}</c> are expanded by the agent.</summary>
    public ValueList<string> Env { get; init; } = [];

    public string? Hostname { get; init; }

    public string? WorkingDirectory { get; init; }

    /// <summary><c>user[:group]</c>, names or numbers; names are looked up in the image.</summary>
    public string? User { get; init; }

    public ValueList<string> Groups { get; init; } = [];

    public Labels Labels { get; init; } = Labels.Empty;

    public ValueList<Mount> Mounts { get; init; } = [];

    public bool ReadOnlyRoot { get; init; }

    public bool? Init { get; init; }

    public bool Tty { get; init; }

    /// <summary>A signal name or number, such as <c>SIGTERM</c>; null: as the image says, else SIGTERM.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Null: 10 s.</summary>
    public TimeSpan? StopGracePeriod { get; init; }

    public ValueList<string> CapabilityAdd { get; init; } = [];

    public ValueList<string> CapabilityDrop { get; init; } = [];

    /// <summary>Extra lines for /etc/hosts, as <c>host:address</c>.</summary>
    public ValueList<string> Hosts { get; init; } = [];

    public DnsSpec Dns { get; init; } = new();

    public Labels Sysctls { get; init; } = Labels.Empty;

    public ValueList<Ulimit> Ulimits { get; init; } = [];

    public int OomScoreAdj { get; init; }
}

public sealed record DnsSpec
{
    public ValueList<string> Servers { get; init; } = [];

    public ValueList<string> Search { get; init; } = [];

    public ValueList<string> Options { get; init; } = [];
}

/// <summary>A resource limit of the process, such as <c>nofile</c>; -1 is unlimited.</summary>
public sealed record Ulimit(string Name, long Soft, long Hard);
