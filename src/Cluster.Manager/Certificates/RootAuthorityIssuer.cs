using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Model.Certificates;
using Cluster.Model.Objects;

namespace Cluster.Manager.Certificates;

/// <summary>Signs certificates with the cluster's root key.</summary>
internal static class RootAuthorityIssuer
{
    public static readonly TimeSpan Backdating = TimeSpan.FromHours(1);

    public const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    public const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private const int SerialBytes = 16;

    /// <summary>A node's: it serves and calls.</summary>
    public static ImmutableArray<byte> Issue(RootAuthority root, PublicKey publicKey, CertificateIdentity identity, DateTimeOffset now, TimeSpan lifetime)
    {
        CertificateRequest request = new(identity.ToSubject(), publicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerUsage), new Oid(ClientUsage)], critical: false));

        // For TLS stacks that insist on a name: the role and the node id stand for addresses, which change.
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(CertificateIdentity.UnitOf(identity.Role));
        names.AddDnsName(identity.NodeId.ToString());
        request.CertificateExtensions.Add(names.Build());
        return Sign(root, request, now, lifetime);
    }

    /// <summary>A person's: it only calls.</summary>
    public static ImmutableArray<byte> Issue(RootAuthority root, PublicKey publicKey, UserIdentity identity, DateTimeOffset now, TimeSpan lifetime)
    {
        CertificateRequest request = new(identity.ToSubject(), publicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientUsage)], critical: false));
        return Sign(root, request, now, lifetime);
    }

    /// <summary>Signs what the request says; the certificate ends with the root at the latest.</summary>
    public static ImmutableArray<byte> Sign(RootAuthority root, CertificateRequest request, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using RootKey key = RootKey.Load(root.KeyPkcs8.AsSpan());
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificate(root.CertificateDer.AsSpan());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        DateTimeOffset rootEnd = new(authority.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        using X509Certificate2 certificate = request.Create(authority.SubjectName, key.Generator, notBefore, notAfter < rootEnd ? notAfter : rootEnd, serial);
        return [.. certificate.RawData];
    }

    private static ImmutableArray<byte> Sign(RootAuthority root, CertificateRequest request, DateTimeOffset now, TimeSpan lifetime)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return Sign(root, request, now - Backdating, now + lifetime);
    }
}
