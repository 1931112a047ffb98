using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Model.Parsing;

/// <summary>
/// The values of <c>--mount</c>: <c>type=bind,src=/data,dst=/data,ro</c>, <c>type=volume,src=db,dst=/var/lib/db</c>,
/// <c>type=tmpfs,dst=/run,tmpfs-size=64m,tmpfs-mode=1777</c>. Without a type it is a volume, as in Docker.
/// </summary>
public static class MountSyntax
{
    private const string Known = "type, source (src), target (dst, destination), readonly (ro), bind-propagation, volume-nocopy, tmpfs-size, tmpfs-mode";
    private static readonly string[] NotBuilt =
        ["volume-driver", "volume-opt", "volume-label", "volume-subpath", "bind-nonrecursive", "bind-recursive", "bind-create-src", "consistency", "image-subpath"];

    public static Result<Mount> Parse(string text)
    {
        Result<IReadOnlyList<(string Key, string? Value)>> fields = KeyValueFields.Parse(text);
        if (fields.Refusal is { } badFields) return badFields;
        Mount mount = new() { Type = MountType.Volume, Target = "" };
        foreach ((string key, string? value) in fields.Value)
        {
            Result<Mount> next = With(mount, key, value);
            if (next.Refusal is { } refusal) return refusal with { Message = $"mount '{text}': {refusal.Message}" };
            mount = next.Value;
        }

        return mount.Target.Length == 0 ? Refusal.Invalid($"mount '{text}' names no target: add target=/path") : mount;
    }

    private static Result<Mount> With(Mount mount, string key, string? value)
    {
        switch (key)
        {
            case "type":
                return value?.ToLowerInvariant() switch
                {
                    "bind" => mount with { Type = MountType.Bind },
                    "volume" => mount with { Type = MountType.Volume },
                    "tmpfs" => mount with { Type = MountType.Tmpfs },
                    "npipe" or "cluster" or "image" => Refusal.Unsupported($"type {value} is not built yet; allowed are bind, volume and tmpfs"),
                    _ => Refusal.Invalid($"type '{value}' is not known; allowed are bind, volume and tmpfs"),
                };
            case "source" or "src":
                return mount with { Source = value ?? "" };
            case "target" or "dst" or "destination":
                return mount with { Target = value ?? "" };
            case "readonly" or "ro":
                Result<bool> readOnly = KeyValueFields.Boolean(key, value);
                return readOnly.Refusal is { } badReadOnly ? badReadOnly : mount with { ReadOnly = readOnly.Value };
            case "volume-nocopy":
                Result<bool> noCopy = KeyValueFields.Boolean(key, value);
                return noCopy.Refusal is { } badNoCopy ? badNoCopy : mount with { NoCopy = noCopy.Value };
            case "bind-propagation":
                return mount with { Propagation = value };
            case "tmpfs-size":
                Result<long> size = ByteSize.Parse(value ?? "");
                return size.Refusal is { } badSize ? badSize : mount with { TmpfsSizeBytes = size.Value };
            case "tmpfs-mode":
                return TryParseOctal(value, out int mode) ? mount with { TmpfsMode = mode } : Refusal.Invalid($"tmpfs-mode '{value}' is not an octal mode such as 1777");
            default:
                return NotBuilt.Contains(key)
                    ? Refusal.Unsupported($"{key} is not built yet; known are {Known}")
                    : Refusal.Invalid($"'{key}' is not known; known are {Known}");
        }
    }

    private static bool TryParseOctal(string? text, out int mode)
    {
        mode = 0;
        if (text is not { Length: >= 1 and <= 5 } || text.Any(c => c is < '0' or > '7')) return false;
        mode = Convert.ToInt32(text, 8);
        return mode <= 0xFFF;
    }
}
