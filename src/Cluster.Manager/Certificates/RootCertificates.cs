using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Validation;

namespace Cluster.Manager.Certificates;

/// <summary>Makes and takes in a cluster's roots. Made ones: ECDSA P-256, 20 years, backdated by an hour for clocks that differ (Swarm's values).</summary>
internal static class RootCertificates
{
    private const int Years = 20;
    private const int MinRsaBits = 2048;

    /// <summary>Of one that is taken in (Swarm's value).</summary>
    private static readonly TimeSpan MinLeft = TimeSpan.FromDays(365);

    /// <summary>No root is made here for an external authority.</summary>
    public static Refusal MustBeGiven => Refusal.Invalid("an external authority signs for a root that it has: give that root's certificate (--ca-cert)");

    public static RootAuthority Create(ClusterId clusterId, DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X500DistinguishedNameBuilder subject = new();
        subject.AddOrganizationName(clusterId.ToString());
        subject.AddCommonName("cluster-ca");
        CertificateRequest request = new(subject.Build(), key, HashAlgorithmName.SHA256);
        AddAuthorityExtensions(request);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using X509Certificate2 root = request.CreateSelfSigned(now - RootAuthorityIssuer.Backdating, now.AddYears(Years));
        return new RootAuthority([.. root.RawData], [.. key.ExportPkcs8PrivateKey()]);
    }

    /// <summary>The new root's subject and key, signed by the old one: who believes the old one believes the new one by it.</summary>
    public static ImmutableArray<byte> CrossSign(RootAuthority old, ReadOnlySpan<byte> newRootDer, DateTimeOffset now)
    {
        using X509Certificate2 newRoot = X509CertificateLoader.LoadCertificate(newRootDer);
        CertificateRequest request = new(newRoot.SubjectName, newRoot.PublicKey, HashAlgorithmName.SHA256);
        AddAuthorityExtensions(request);
        request.CertificateExtensions.Add(newRoot.Extensions.OfType<X509SubjectKeyIdentifierExtension>().First());
        return RootAuthorityIssuer.Sign(old, request, now - RootAuthorityIssuer.Backdating, new DateTimeOffset(newRoot.NotAfter.ToUniversalTime(), TimeSpan.Zero));
    }

    /// <summary>A root that somebody else has made.</summary>
    /// <param name="certificateDer">The certificate.</param>
    /// <param name="keyPkcs8">Its key; empty: somebody else signs with it.</param>
    /// <param name="known">Roots whose keys it must not have: it would be none of them, and yet the same.</param>
    /// <param name="now">The wall clock.</param>
    public static Result<RootAuthority> Import(ReadOnlySpan<byte> certificateDer, ReadOnlySpan<byte> keyPkcs8, IEnumerable<ImmutableArray<byte>> known, DateTimeOffset now)
    {
        if (certificateDer.Length > ClusterSpecValidator.MaxRootBytes || keyPkcs8.Length > ClusterSpecValidator.MaxRootBytes) return Refusal.Invalid($"the root's certificate or key is too large: up to {ClusterSpecValidator.MaxRootBytes} bytes are allowed");
        try
        {
            using X509Certificate2 root = X509CertificateLoader.LoadCertificate(certificateDer);
            if (Check(root, now) is { } refusal) return refusal;
            foreach (ImmutableArray<byte> other in known)
            {
                using X509Certificate2 before = X509CertificateLoader.LoadCertificate(other.AsSpan());
                if (PublicKeys.AreSame(before.PublicKey, root.PublicKey)) return Refusal.Invalid("the new root has the key of one that the cluster has or had: it must have a new key");
            }

            if (keyPkcs8.Length > 0)
            {
                using RootKey key = RootKey.Load(keyPkcs8);
                if (!PublicKeys.AreSame(key.PublicKey, root.PublicKey)) return Refusal.Invalid("the root's key is not the one of its certificate");
            }

            return new RootAuthority([.. root.RawData], [.. keyPkcs8]);
        }
        catch (CryptographicException e)
        {
            return Refusal.Invalid($"the root's certificate or key cannot be read ({e.Message})");
        }
    }

    /// <summary>Of a cross-signature that was made elsewhere: whether it leads from the new root to the old one.</summary>
    public static Refusal? CheckCrossSignature(ReadOnlySpan<byte> crossSignedDer, ReadOnlySpan<byte> newRootDer, ReadOnlySpan<byte> oldRootDer, DateTimeOffset now)
    {
        if (crossSignedDer.Length > ClusterSpecValidator.MaxRootBytes) return Refusal.Invalid($"the cross-signed certificate is too large: up to {ClusterSpecValidator.MaxRootBytes} bytes are allowed");
        try
        {
            using X509Certificate2 cross = X509CertificateLoader.LoadCertificate(crossSignedDer);
            using X509Certificate2 newRoot = X509CertificateLoader.LoadCertificate(newRootDer);
            using X509Certificate2 oldRoot = X509CertificateLoader.LoadCertificate(oldRootDer);
            bool isOfNew = cross.SubjectName.RawData.AsSpan().SequenceEqual(newRoot.SubjectName.RawData) && IsAuthority(cross) && PublicKeys.AreSame(cross.PublicKey, newRoot.PublicKey);
            return isOfNew && IsSignedBy(cross, oldRoot, now) ? null : Refusal.Invalid("the cross-signed certificate is not of the new root's subject and key, signed by the present root");
        }
        catch (CryptographicException e)
        {
            return Refusal.Invalid($"the cross-signed certificate cannot be read ({e.Message})");
        }
    }

    private static Refusal? Check(X509Certificate2 root, DateTimeOffset now)
    {
        if (!root.SubjectName.RawData.AsSpan().SequenceEqual(root.IssuerName.RawData) || !IsSignedBy(root, root, now)) return Refusal.Invalid("the root's certificate is not signed by itself, or not valid now");
        if (!IsAuthority(root)) return Refusal.Invalid("the root's certificate is not one of an authority (basic constraints, key usage)");
        if (root.Extensions.OfType<X509BasicConstraintsExtension>().First().HasPathLengthConstraint) return Refusal.Invalid("the root's certificate limits the length of chains: then it could not be exchanged for another one");
        if (!root.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any()) return Refusal.Invalid("the root's certificate has no subject key identifier");
        if (root.NotAfter.ToUniversalTime() < (now + MinLeft).UtcDateTime) return Refusal.Invalid($"the root's certificate ends at {root.NotAfter.ToUniversalTime():u}: at least a year must be left");
        using RSA? rsa = root.GetRSAPublicKey();
        using ECDsa? ecdsa = root.GetECDsaPublicKey();
        return ecdsa is not null || rsa?.KeySize >= MinRsaBits ? null : Refusal.Invalid($"the root's key must be ECDSA, or RSA of at least {MinRsaBits} bits");
    }

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault()?.CertificateAuthority == true
        && certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault()?.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign) != false;

    private static bool IsSignedBy(X509Certificate2 certificate, X509Certificate2 root, DateTimeOffset now) =>
        CertificateChain.Length(certificate, [], [root], now.UtcDateTime, out _) > 0;

    private static void AddAuthorityExtensions(CertificateRequest request)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
    }
}
