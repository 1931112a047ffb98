using System.Diagnostics.CodeAnalysis;
using System.Net;
using Cluster.Model.Ids;
using Cluster.Network.Netlink;

namespace Cluster.Network.Bridge;

/// <summary>
/// The node's end of a task's cable. Its name follows from the task; whose it is and which address the other end has is noted on it as its
/// alias, so that the kernel itself is the record of what is given. Pure.
/// </summary>
internal sealed record TaskDevice(TaskId TaskId, IPAddress Address)
{
    public const string NamePrefix = "cl";

    /// <summary>The other end, in the container.</summary>
    public const string PeerName = "eth0";

    private const string AliasPrefix = "cluster task ";
    private const int NameDigits = 13; // the kernel allows 15 characters

    public string Alias => $"{AliasPrefix}{TaskId} {Address}";

    public static string NameOf(TaskId taskId) => NamePrefix + taskId.ToString()[^NameDigits..];

    public static bool IsName(string name) => name.Length == NamePrefix.Length + NameDigits && name.StartsWith(NamePrefix, StringComparison.Ordinal);

    public static bool TryParse(Link link, [NotNullWhen(true)] out TaskDevice? device)
    {
        device = null;
        if (!IsName(link.Name) || !link.Alias.StartsWith(AliasPrefix, StringComparison.Ordinal)) return false;
        string[] words = link.Alias[AliasPrefix.Length..].Split(' ');
        if (words.Length != 2 || !TaskId.TryParse(words[0], out TaskId taskId) || !IPAddress.TryParse(words[1], out IPAddress? address)) return false;
        device = new TaskDevice(taskId, address);
        return true;
    }
}
