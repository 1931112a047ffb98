using System.Security.Cryptography.X509Certificates;

namespace Cluster.Manager.Certificates;

internal static class PublicKeys
{
    public static bool AreSame(PublicKey a, PublicKey b) => a.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(b.ExportSubjectPublicKeyInfo());
}
