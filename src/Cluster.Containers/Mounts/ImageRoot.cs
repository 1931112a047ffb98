using Microsoft.Win32.SafeHandles;

namespace Cluster.Containers.Mounts;

/// <summary>
/// Looks into an image's file system. The image is mounted in a mount namespace of a thread of its own, which ends with the work: nobody
/// else sees the mount, and it cannot be left behind, not even by a crash.
/// </summary>
internal static class ImageRoot
{
    /// <param name="mountPoint">A directory that exists; only the thread sees something in it.</param>
    /// <param name="work">Gets the root directory. Runs on a thread that is in another mount namespace: no thread pool inside.</param>
    public static Task<T> VisitAsync<T>(OverlayMount overlay, string mountPoint, Func<SafeFileHandle, T> work)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            try
            {
                done.SetResult(Visit(overlay, mountPoint, work));
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Name = "image root" };
        thread.Start();
        return done.Task;
    }

    private static T Visit<T>(OverlayMount overlay, string mountPoint, Func<SafeFileHandle, T> work)
    {
        Interop.LeaveMountNamespace();
        string root = mountPoint;
        if (overlay.Layers.Count == 1)
        {
            root = Path.Combine(overlay.Base, overlay.Layers[0]);
        }
        else
        {
            Interop.ChangeDirectory(overlay.Base);
            Interop.Mount("overlay", mountPoint, "overlay", Interop.MsReadOnly | Interop.MsNoSetId | Interop.MsNoDevices | Interop.MsNoExec, overlay.Options);
        }

        using SafeFileHandle directory = Interop.OpenDirectoryPath(root);
        return work(directory);
    }
}
