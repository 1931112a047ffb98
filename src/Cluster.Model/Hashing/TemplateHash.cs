using System.Buffers.Binary;
using Cluster.Model.Ids;
using Cluster.Model.Specs;

namespace Cluster.Model.Hashing;

/// <summary>The id of a task template: the first 128 bits of the SHA-256 of what makes a new container necessary.</summary>
public static class TemplateHash
{
    public static TemplateId Compute(
        ContainerSpec container, ResourceRequirements resources, NetworkMode network, ValueList<PortSpec> ports, LogDriver? logDriver, long forceUpdate)
    {
        using CanonicalHash hash = new("cluster.template.1");
        AddContainer(hash, container);
        AddResources(hash, resources);
        hash.Add((long)network);
        hash.Add((long)ports.Count);
        foreach (PortSpec port in ports) AddPort(hash, port);
        hash.Add(logDriver is not null);
        if (logDriver is not null)
        {
            hash.Add(logDriver.Name);
            hash.Add(logDriver.Options);
        }

        hash.Add(forceUpdate);
        UInt128 id = BinaryPrimitives.ReadUInt128BigEndian(hash.Finish());
        return new TemplateId(id == UInt128.Zero ? UInt128.One : id);
    }

    private static void AddContainer(CanonicalHash hash, ContainerSpec container)
    {
        hash.Add(container.Image);
        hash.Add(container.Command);
        hash.Add(container.Args);
        hash.Add(container.Env);
        hash.Add(container.Hostname);
        hash.Add(container.WorkingDirectory);
        hash.Add(container.User);
        hash.Add(container.Groups);
        hash.Add(container.Labels);
        hash.Add((long)container.Mounts.Count);
        foreach (Mount mount in container.Mounts) AddMount(hash, mount);
        hash.Add(container.ReadOnlyRoot);
        hash.AddOptional(container.Init is { } init ? (init ? 1 : 0) : null);
        hash.Add(container.Tty);
        hash.Add(container.StopSignal);
        hash.AddOptional(container.StopGracePeriod?.Ticks);
        hash.Add(container.CapabilityAdd);
        hash.Add(container.CapabilityDrop);
        hash.Add(container.Hosts);
        hash.Add(container.Dns.Servers);
        hash.Add(container.Dns.Search);
        hash.Add(container.Dns.Options);
        hash.Add(container.Sysctls);
        hash.Add((long)container.Ulimits.Count);
        foreach (Ulimit ulimit in container.Ulimits)
        {
            hash.Add(ulimit.Name);
            hash.Add(ulimit.Soft);
            hash.Add(ulimit.Hard);
        }

        hash.Add((long)container.OomScoreAdj);
    }

    private static void AddMount(CanonicalHash hash, Mount mount)
    {
        hash.Add((long)mount.Type);
        hash.Add(mount.Source);
        hash.Add(mount.Target);
        hash.Add(mount.ReadOnly);
        hash.Add(mount.Propagation);
        hash.Add(mount.NoCopy);
        hash.Add(mount.TmpfsSizeBytes);
        hash.AddOptional(mount.TmpfsMode);
    }

    private static void AddResources(CanonicalHash hash, ResourceRequirements resources)
    {
        hash.Add(resources.Limits.NanoCpus);
        hash.Add(resources.Limits.MemoryBytes);
        hash.Add(resources.Reservations.NanoCpus);
        hash.Add(resources.Reservations.MemoryBytes);
        hash.Add(resources.PidsLimit);
    }

    private static void AddPort(CanonicalHash hash, PortSpec port)
    {
        hash.Add((long)port.Protocol);
        hash.Add((long)port.TargetPort);
        hash.Add((long)port.PublishedPort);
        hash.Add((long)port.Mode);
    }
}
