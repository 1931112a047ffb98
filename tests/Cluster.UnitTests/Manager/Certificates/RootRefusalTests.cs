using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Manager.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager.Certificates;

/// <summary>Exchanges of the root that cannot begin, over real TLS: each says why, and none has begun.</summary>
public sealed class RootRefusalTests
{
    [Theory]
    [InlineData("no certificate", "cannot be read")]
    [InlineData("too large", "up to 16384 bytes are allowed")]
    [InlineData("key of another", "is not the one of its certificate")]
    [InlineData("key alone", "a key or a cross-signed certificate goes with a root's certificate")]
    [InlineData("cross-signed by another", "not of the new root's subject and key, signed by the present root")]
    [InlineData("cross-signed nonsense", "the cross-signed certificate cannot be read")]
    [InlineData("cross-signed too large", "up to 16384 bytes are allowed")]
    [InlineData("external without a root", "give that root's certificate (--ca-cert)")]
    [InlineData("external by http", "its url must be https://")]
    [InlineData("external for another root", "no external authority signs for it")]
    [InlineData("too many external", "6 external authorities are too many")]
    [InlineData("external with a large root", "up to 16384 bytes are allowed")]
    [InlineData("expiry", "certificate expiry")]
    public async Task Refuses_what_is_no_way_to_a_new_root(string flaw, string sentence)
    {
        await using RotatedCluster cluster = await RotatedCluster.StartAsync();
        RootAuthority fresh = NewRoot(), other = NewRoot();
        ClusterInfo before = (await cluster.Control.GetClusterAsync(new GetClusterRequest())).Cluster;

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => cluster.BeginAsync(request => Spoil(request, flaw, fresh, other)));

        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains(sentence, refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await cluster.Control.DescribeAuthorityAsync(new DescribeAuthorityRequest())).NextRootCertificateDer);
        Assert.Equal(before.Spec, (await cluster.Control.GetClusterAsync(new GetClusterRequest())).Cluster.Spec);
    }

    private static void Spoil(RotateRootRequest request, string flaw, RootAuthority fresh, RootAuthority other)
    {
        if (!flaw.StartsWith("external", StringComparison.Ordinal) || flaw == "external for another root") request.CertificateDer = ByteString.CopyFrom([.. fresh.CertificateDer]);
        if (!flaw.StartsWith("external", StringComparison.Ordinal)) request.KeyPkcs8 = ByteString.CopyFrom([.. fresh.KeyPkcs8]);
        switch (flaw)
        {
            case "no certificate": request.CertificateDer = ByteString.CopyFromUtf8("no certificate"); break;
            case "too large": request.CertificateDer = ByteString.CopyFrom(Large()); break;
            case "key of another": request.KeyPkcs8 = ByteString.CopyFrom([.. other.KeyPkcs8]); break;
            case "key alone": request.CertificateDer = ByteString.Empty; break;
            case "cross-signed by another": request.CrossSignedDer = ByteString.CopyFrom([.. RootCertificates.CrossSign(other, fresh.CertificateDer.AsSpan(), TimeProvider.System.GetUtcNow())]); break;
            case "cross-signed nonsense": request.CrossSignedDer = ByteString.CopyFromUtf8("nonsense"); break;
            case "cross-signed too large": request.CrossSignedDer = ByteString.CopyFrom(new byte[20_000]); break;
            case "external without a root": request.ExternalCas.Add(External()); break;
            case "external by http": AddExternal(new ExternalCa { Protocol = "cfssl", Url = "http://127.0.0.1:1/sign" }); break;
            case "external for another root": AddExternal(new ExternalCa { Protocol = "cfssl", Url = External().Url, RootCertificateDer = ByteString.CopyFrom([.. other.CertificateDer]) }); break;
            case "too many external": for (int i = 0; i < 6; i++) request.ExternalCas.Add(External()); break;
            case "external with a large root": AddExternal(new ExternalCa { Protocol = "cfssl", Url = External().Url, RootCertificateDer = ByteString.CopyFrom(Large()) }); break;
            default: request.CertificateExpiryTicks = -1; break;
        }

        void AddExternal(ExternalCa external)
        {
            request.CertificateDer = ByteString.CopyFrom([.. fresh.CertificateDer]);
            request.ExternalCas.Add(external);
        }
    }

    private static ExternalCa External() => new() { Protocol = "cfssl", Url = "https://127.0.0.1:1/sign" };

    private static RootAuthority NewRoot() => RootCertificates.Create(new ClusterId(4242), TimeProvider.System.GetUtcNow());

    /// <summary>A root that is right but for what it carries.</summary>
    private static byte[] Large()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=large", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.99999.1", new byte[20_000], critical: false));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddYears(20)).RawData;
    }
}
