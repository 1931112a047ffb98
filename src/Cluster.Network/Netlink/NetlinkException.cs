using System.Runtime.InteropServices;

namespace Cluster.Network.Netlink;

/// <summary>The kernel refused a request.</summary>
internal sealed class NetlinkException(string operation, int error) : IOException($"{operation}: {Marshal.GetPInvokeErrorMessage(error)}", error)
{
    public const int Exists = 17, NoSuchDevice = 19, NoSuchFile = 2, NoSuchAddress = 99;

    public int Error { get; } = error;
}
