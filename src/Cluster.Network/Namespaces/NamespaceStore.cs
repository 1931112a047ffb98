using Cluster.Model.Ids;
using Cluster.Network.Netlink;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Network.Namespaces;

/// <summary>
/// The tasks' network namespaces, kept open by mounts in a directory. A thread that changes its namespace is made for that and ends: the
/// pool's threads all stay in the process's.
/// </summary>
internal sealed class NamespaceStore(string directory)
{
    public string PathOf(TaskId taskId) => Path.Combine(directory, taskId.ToString());

    public IReadOnlyList<TaskId> List()
    {
        List<TaskId> tasks = [];
        if (!Directory.Exists(directory)) return tasks;
        foreach (string file in Directory.EnumerateFiles(directory))
        {
            if (TaskId.TryParse(Path.GetFileName(file), out TaskId taskId) && !taskId.IsNone) tasks.Add(taskId);
        }

        tasks.Sort();
        return tasks;
    }

    /// <summary>Makes the namespace unless it is there, and gives a socket that asks its tables.</summary>
    public async Task<RouteSocket> EnsureAsync(TaskId taskId)
    {
        string path = PathOf(taskId);
        if (File.Exists(path) && await EnterAsync(path) is { } existing) return existing;
        Directory.CreateDirectory(directory);
        await File.WriteAllBytesAsync(path, []);
        return await OnOwnThreadAsync(() =>
        {
            Interop.LeaveNetworkNamespace();
            Interop.BindMount("/proc/thread-self/ns/net", path);
            return new RouteSocket();
        });
    }

    public SafeFileHandle Open(TaskId taskId) => Interop.Open(PathOf(taskId));

    /// <summary>Nothing there is success. Processes inside keep the namespace until they end.</summary>
    public void Remove(TaskId taskId)
    {
        string path = PathOf(taskId);
        if (!File.Exists(path)) return;
        Interop.Unmount(path);
        File.Delete(path);
    }

    /// <summary>Null when the file is no namespace: a crash came between file and mount, or the machine was started anew.</summary>
    private static Task<RouteSocket?> EnterAsync(string path) => OnOwnThreadAsync(() =>
    {
        using SafeFileHandle file = Interop.Open(path);
        return Interop.EnterNetworkNamespace(file) ? new RouteSocket() : null;
    });

    private static Task<T> OnOwnThreadAsync<T>(Func<T> work)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Name = "network namespace" };
        thread.Start();
        return done.Task;
    }
}
