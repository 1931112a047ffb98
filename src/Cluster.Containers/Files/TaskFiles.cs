using Cluster.Agent.Runtime;
using Cluster.Containers.Spec;
using Cluster.Model.Ids;
using Cluster.Model.Specs;

namespace Cluster.Containers.Files;

/// <summary>The small files of a task that are mounted into its container. In the run directory: they are made anew with the container.</summary>
internal sealed class TaskFiles(string directory)
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Searchable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string PathOf(TaskId taskId) => Path.Combine(directory, taskId.ToString());

    /// <summary>An empty directory where an image's root can be mounted for a look.</summary>
    public string MountPoint(TaskId taskId) => Path.Combine(PathOf(taskId), "root");

    public void MakeDirectory(TaskId taskId) => Directory.CreateDirectory(MountPoint(taskId), Searchable);

    /// <summary>Writes the files and gives their mounts, without those whose place the service's own mounts take.</summary>
    public IReadOnlyList<OciMount> Write(ContainerPlan plan, string hostname)
    {
        bool isHosts = plan.Network.Mode == NetworkMode.Host;
        return
        [
            Write(plan.TaskId, "hosts", HostsFile.Render(hostname, plan.Network.Addresses, plan.Container.Hosts, isHosts ? ReadOr("/etc/hosts") : null)),
            Write(plan.TaskId, "hostname", hostname + "\n"),
            Write(plan.TaskId, "resolv.conf", ResolverFile.Render(plan.Container.Dns, plan.Network.Nameservers, isHosts ? ReadOr("/etc/resolv.conf") : null)),
        ];
    }

    public void Remove(TaskId taskId)
    {
        if (Directory.Exists(PathOf(taskId))) Directory.Delete(PathOf(taskId), recursive: true);
    }

    public IEnumerable<string> Names() => Directory.Exists(directory) ? Directory.EnumerateDirectories(directory).Select(path => Path.GetFileName(path)) : [];

    private OciMount Write(TaskId taskId, string name, string text)
    {
        string path = Path.Combine(PathOf(taskId), name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, Readable);
        return new OciMount("/etc/" + name, "bind", path, ["rbind", "rprivate", "rw"]);
    }

    private static string ReadOr(string path) => File.Exists(path) ? File.ReadAllText(path) : "";
}
