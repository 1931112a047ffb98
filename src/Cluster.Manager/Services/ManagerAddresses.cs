using Cluster.Store;

namespace Cluster.Manager.Services;

internal static class ManagerAddresses
{
    /// <summary>host:port of every manager, in the order of their ids.</summary>
    public static IEnumerable<string> Of(StoreView view) => view.Nodes.Where(node => node.Manager is not null).Select(node => node.Manager!.Address);
}
