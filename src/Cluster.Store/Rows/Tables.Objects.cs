using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Store.Rows;

internal partial struct Tables
{
    public ClusterRecord? Put(ClusterRecord row)
    {
        Invariant.Check(Cluster is null || Cluster.Id == row.Id, "a store holds one cluster");
        ClusterRecord? before = Cluster;
        Cluster = row;
        return before;
    }

    public NodeRecord? Put(NodeRecord row)
    {
        Invariant.Check(!row.Id.IsNone, "a node needs an id");
        NodeRecord? before = Nodes.Get(row.Id);
        bool known = HasPublicKey(row);
        DigestKey key = new(row.Certificate.PublicKeyDigest);
        if (known)
        {
            NodeRecord? other = NodesByPublicKey.Get(key);
            Invariant.Check(other is null || other.Id == row.Id, $"the public key of node {row.Id} belongs to node {other?.Id}");
        }

        if (before is not null && HasPublicKey(before)) NodesByPublicKey.Remove(new(before.Certificate.PublicKeyDigest));
        if (known) NodesByPublicKey.Set(key, row);
        Nodes.Set(row.Id, row);
        return before;
    }

    public NodeRecord? DeleteNode(NodeId id)
    {
        NodeRecord? before = Nodes.Get(id);
        if (before is null) return null;
        if (HasPublicKey(before)) NodesByPublicKey.Remove(new(before.Certificate.PublicKeyDigest));
        Nodes.Remove(id);
        return before;
    }

    public ServiceRecord? Put(ServiceRecord row)
    {
        Invariant.Check(!row.Id.IsNone, "a service needs an id");
        NameKey name = new(row.Spec.Name);
        Invariant.Check(!ServicesByName.TryGet(name, out ServiceRecord? other) || other.Id == row.Id, $"the name {row.Spec.Name} belongs to another service");
        ServiceRecord? before = Services.Get(row.Id);
        if (before is not null) ServicesByName.Remove(new(before.Spec.Name));
        ServicesByName.Set(name, row);
        Services.Set(row.Id, row);
        Refer(row.Template, 1);
        if (before is not null) Refer(before.Template, -1);
        return before;
    }

    public ServiceRecord? DeleteService(ServiceId id)
    {
        ServiceRecord? before = Services.Get(id);
        if (before is null) return null;
        ServicesByName.Remove(new(before.Spec.Name));
        Services.Remove(id);
        Refer(before.Template, -1);
        return before;
    }

    public TaskTemplate? Put(TaskTemplate row)
    {
        Invariant.Check(!row.Id.IsNone, "a template needs an id");
        TaskTemplate? before = Templates.Get(row.Id);
        Templates.Set(row.Id, row);
        return before;
    }

    public TaskTemplate? DeleteTemplate(TemplateId id)
    {
        TaskTemplate? before = Templates.Get(id);
        if (before is not null) Templates.Remove(id);
        return before;
    }

    private static bool HasPublicKey(NodeRecord row) => !row.Certificate.PublicKeyDigest.IsDefaultOrEmpty;
}
