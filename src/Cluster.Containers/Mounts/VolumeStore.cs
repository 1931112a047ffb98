using System.Diagnostics;
using System.Globalization;
using Cluster.Agent.Runtime;
using Cluster.Model.Ids;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Containers.Mounts;

/// <summary>
/// Local volumes: directories under the state directory. A new one appears whole or not at all: it is filled beside and renamed.
/// Anonymous volumes are of one task; their names cannot be given by a user.
/// </summary>
internal sealed class VolumeStore(string directory) : IDisposable
{
    private const string AnonymousPrefix = ".anonymous-", UnfinishedPrefix = ".new-";
    private const int MaxNameLength = 128;

    private readonly SemaphoreSlim _making = new(1, 1);

    public static string Anonymous(TaskId taskId, int index) => string.Create(CultureInfo.InvariantCulture, $"{AnonymousPrefix}{taskId}-{index}");

    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>The directory of the volume, made if it is new, then with a copy of what the image has at the target unless not wanted.</summary>
    public async Task<string> EnsureAsync(string name, string target, bool copies, OverlayMount overlay, string mountPoint, CancellationToken ct)
    {
        string path = Path.Combine(directory, name);
        if (Directory.Exists(path)) return path;
        await _making.WaitAsync(ct);
        try
        {
            if (Directory.Exists(path)) return path;
            string unfinished = Path.Combine(directory, UnfinishedPrefix + name);
            if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
            Directory.CreateDirectory(unfinished);
            if (copies && await ImageRoot.VisitAsync(overlay, mountPoint, root => CopyOut(root, target, unfinished)) is { } failure)
            {
                throw new RuntimeException($"the image's content at {target} cannot be copied into the new volume {name}: {failure}", IsTemporary: true);
            }

            Directory.Move(unfinished, path);
            return path;
        }
        finally
        {
            _making.Release();
        }
    }

    public void RemoveAnonymous(TaskId taskId)
    {
        if (!Directory.Exists(directory)) return;
        string prefix = AnonymousPrefix + taskId + "-";
        foreach (string path in Directory.EnumerateDirectories(directory))
        {
            string name = Path.GetFileName(path);
            if (name.StartsWith(prefix, StringComparison.Ordinal) || name.StartsWith(UnfinishedPrefix + prefix, StringComparison.Ordinal)) Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>The tasks that have anonymous volumes.</summary>
    public IEnumerable<string> AnonymousOwners()
    {
        if (!Directory.Exists(directory)) yield break;
        foreach (string path in Directory.EnumerateDirectories(directory))
        {
            string name = Path.GetFileName(path);
            if (name.StartsWith(UnfinishedPrefix, StringComparison.Ordinal)) name = name[UnfinishedPrefix.Length..];
            int end = name.LastIndexOf('-');
            if (name.StartsWith(AnonymousPrefix, StringComparison.Ordinal) && end > AnonymousPrefix.Length) yield return name[AnonymousPrefix.Length..end];
        }
    }

    public void Dispose() => _making.Dispose();

    /// <summary>
    /// The system's cp keeps owners, modes, links and attributes. The source is opened inside the image's root first, so that no symlink of
    /// the image leads to a file of the host. Null is success.
    /// </summary>
    private static string? CopyOut(SafeFileHandle root, string target, string destination)
    {
        using SafeFileHandle? source = Interop.OpenInRoot(root, target.TrimStart('/'), Interop.OpenReadOnly | Interop.OpenDirectory);
        if (source is null) return null;
        ProcessStartInfo start = new("cp")
        {
            ArgumentList = { "-a", "--", string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{source.DangerousGetHandle()}/."), destination + "/" },
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        using Process process = Process.Start(start) ?? throw new IOException("no process for cp");
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : errors.Trim();
    }
}
