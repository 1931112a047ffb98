using System.Collections.Immutable;
using System.Security.Cryptography;
using Cluster.Model.Tokens;

namespace Cluster.Manager.Certificates;

internal static class UnlockKeys
{
    public static ImmutableArray<byte> New() => [.. RandomNumberGenerator.GetBytes(UnlockKeyText.Bytes)];
}
