using System.Text;
using Cluster.Containers.Images;
using Cluster.Containers.Spec;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Containers.Mounts;

/// <summary>Resolves users inside images. An image's files never change, so answers are kept, bounded. Safe for any thread.</summary>
internal sealed class UserLookup
{
    private const int Capacity = 256;
    private const int MaxFileBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, UserDatabase> _databases = new(StringComparer.Ordinal);

    public async Task<ResolvedUser> ResolveAsync(ImageLayers image, OverlayMount overlay, string mountPoint, string user, IReadOnlyList<string> groups)
    {
        UserDatabase? database;
        lock (_lock) _databases.TryGetValue(image.ChainId, out database);
        if (database is null)
        {
            database = await ImageRoot.VisitAsync(overlay, mountPoint, root => new UserDatabase(Read(root, "etc/passwd"), Read(root, "etc/group")));
            lock (_lock)
            {
                if (_databases.Count >= Capacity) _databases.Clear();
                _databases[image.ChainId] = database;
            }
        }

        return database.Resolve(user, groups);
    }

    /// <summary>Without a file there are only numbers. What cannot be read as a file counts as none: the image may hold anything.</summary>
    private static string Read(SafeFileHandle root, string path)
    {
        try
        {
            using SafeFileHandle? file = Interop.OpenInRoot(root, path, Interop.OpenReadOnly | Interop.OpenNonBlocking);
            if (file is null) return "";
            byte[] bytes = new byte[Math.Min(RandomAccess.GetLength(file), MaxFileBytes)];
            int count = 0;
            while (count < bytes.Length)
            {
                int read = RandomAccess.Read(file, bytes.AsSpan(count), count);
                if (read == 0) break;
                count += read;
            }

            return Encoding.UTF8.GetString(bytes, 0, count);
        }
        catch (Exception e) when (e is IOException or NotSupportedException or UnauthorizedAccessException)
        {
            return ""; // a directory, a pipe, a device
        }
    }
}
