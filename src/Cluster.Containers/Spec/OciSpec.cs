using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cluster.Containers.Spec;

/// <summary>The parts of the OCI runtime specification (1.0.2, config.json) that are used. Absent parts are null and not written.</summary>
internal sealed record OciSpec
{
    public string OciVersion { get; init; } = "1.0.2";

    public required OciProcess Process { get; init; }

    public required OciRoot Root { get; init; }

    public required string Hostname { get; init; }

    public required IReadOnlyList<OciMount> Mounts { get; init; }

    public required OciLinux Linux { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, OciSpecContext.Default.OciSpec);
}

internal sealed record OciRoot(string Path, bool Readonly);

internal sealed record OciMount(string Destination, string Type, string Source, IReadOnlyList<string> Options);

internal sealed record OciProcess
{
    public bool Terminal { get; init; }

    public required OciUser User { get; init; }

    public required IReadOnlyList<string> Args { get; init; }

    public required IReadOnlyList<string> Env { get; init; }

    public required string Cwd { get; init; }

    public required OciCapabilities Capabilities { get; init; }

    public IReadOnlyList<OciRlimit>? Rlimits { get; init; }

    public bool NoNewPrivileges { get; init; }

    public int OomScoreAdj { get; init; }
}

internal sealed record OciUser(uint Uid, uint Gid, IReadOnlyList<uint> AdditionalGids);

internal sealed record OciCapabilities(
    IReadOnlyList<string> Bounding, IReadOnlyList<string>? Effective, IReadOnlyList<string>? Permitted);

internal sealed record OciRlimit(string Type, ulong Hard, ulong Soft);

internal sealed record OciLinux
{
    public IReadOnlyDictionary<string, string>? Sysctl { get; init; }

    public required OciResources Resources { get; init; }

    public required string CgroupsPath { get; init; }

    public required IReadOnlyList<OciNamespace> Namespaces { get; init; }

    public required OciSeccomp Seccomp { get; init; }

    public required IReadOnlyList<string> MaskedPaths { get; init; }

    public required IReadOnlyList<string> ReadonlyPaths { get; init; }
}

internal sealed record OciNamespace(string Type, string? Path = null);

internal sealed record OciResources
{
    public required IReadOnlyList<OciDeviceRule> Devices { get; init; }

    public OciMemory? Memory { get; init; }

    public OciCpu? Cpu { get; init; }

    public OciPids? Pids { get; init; }
}

internal sealed record OciDeviceRule(bool Allow, string Access, string? Type = null, long? Major = null, long? Minor = null);

internal sealed record OciMemory(long? Limit, long? Reservation, long? Swap);

internal sealed record OciCpu(long Quota, ulong Period);

internal sealed record OciPids(long Limit);

internal sealed record OciSeccomp(string DefaultAction, IReadOnlyList<string> Architectures, IReadOnlyList<OciSyscall> Syscalls);

internal sealed record OciSyscall(IReadOnlyList<string> Names, string Action, uint? ErrnoRet, IReadOnlyList<OciSyscallArg>? Args = null);

internal sealed record OciSyscallArg(uint Index, ulong Value, ulong ValueTwo, string Op);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OciSpec))]
internal sealed partial class OciSpecContext : JsonSerializerContext;
