using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Manager.Certificates;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Xunit;

namespace Cluster.UnitTests.Manager.Certificates;

/// <summary>Roots and what leads from one to the next, with real cryptography.</summary>
public sealed class RootCertificatesTests
{
    private static readonly ClusterId Cluster = new(77);
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly RootAuthority[] _roots = [.. Enumerable.Range(0, 4).Select(_ => RootCertificates.Create(Cluster, Now))];

    [Fact]
    public void A_certificate_of_a_new_root_is_good_to_whoever_knows_any_root_before_it()
    {
        X509Certificate2[] crosses = [Cross(2, 3), Cross(1, 2), Cross(0, 1)];
        X509Certificate2 leaf = Leaf(_roots[3]);
        Assert.Equal(CertificateStanding.Direct, Judge(leaf, [], [3]));
        Assert.Equal(CertificateStanding.Direct, Judge(leaf, crosses, [3]));
        Assert.Equal(CertificateStanding.Direct, Judge(leaf, crosses, [2, 3]));
        Assert.Equal(CertificateStanding.Indirect, Judge(leaf, crosses, [2]));
        Assert.Equal(CertificateStanding.Indirect, Judge(leaf, crosses, [1]));
        Assert.Equal(CertificateStanding.Indirect, Judge(leaf, crosses, [0]));
        Assert.Equal(CertificateStanding.None, Judge(leaf, [], [0]));
        Assert.Equal(CertificateStanding.None, Judge(leaf, crosses[..2], [0]));
    }

    [Fact]
    public void A_certificate_of_a_former_root_is_worth_its_renewal_and_no_more()
    {
        X509Certificate2[] crosses = [Cross(0, 1)];
        Assert.Equal(CertificateStanding.Former, Judge(Leaf(_roots[0]), crosses, [1], former: [0]));
        Assert.Equal(CertificateStanding.None, Judge(Leaf(_roots[0]), crosses, [1]));
        Assert.Equal(CertificateStanding.None, Judge(Leaf(_roots[2]), [], [1], former: [0]));
    }

    [Fact]
    public void A_rotation_that_was_given_up_leaves_a_root_that_vouches_only_by_way_of_the_one_before()
    {
        Assert.Equal(CertificateStanding.Indirect, Judge(Leaf(_roots[1]), [Cross(0, 1)], [0, 2]));
        Assert.Equal(CertificateStanding.Former, Judge(Leaf(_roots[1]), [Cross(0, 1)], [2], former: [0]));
    }

    [Fact]
    public void What_the_rows_say_counts_before_an_answer_that_was_under_way_when_they_changed()
    {
        TrustedRoots Roots(ulong generation, int[] trusted, params int[] former) =>
            new(trusted.Select(i => _roots[i].CertificateDer), former.Select(i => _roots[i].CertificateDer), generation);
        ClusterTrust trust = new(Roots(0, [0]), Cluster, TimeProvider.System);
        TrustedRoots rows = Roots(2, [1], 0);
        trust.Follow(rows, isNewest: false);
        trust.Replace(Roots(1, [0, 1]));
        Assert.Same(rows, trust.Roots);
        trust.Replace(Roots(2, [1]));
        Assert.Same(rows, trust.Roots);

        // A manager that has just started may have an old row, and newer keys.
        trust.Replace(Roots(3, [1, 2]));
        Assert.Equal(3UL, trust.Roots.Generation);
        trust.Follow(rows, isNewest: true);
        Assert.Same(rows, trust.Roots);
        trust.Follow(null, isNewest: false);
        Assert.Equal(3UL, trust.Roots.Generation);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Takes_in_a_root_that_somebody_else_has_made(bool isRsa)
    {
        (byte[] certificate, byte[] key) = Make(isRsa: isRsa);
        Result<RootAuthority> root = RootCertificates.Import(certificate, key, [_roots[0].CertificateDer], Now);
        Assert.True(root.IsOk, root.Refusal?.Message);
        ClusterTrust trust = new(X509CertificateLoader.LoadCertificate(certificate), Cluster, TimeProvider.System);
        Assert.NotNull(trust.Verify(Leaf(root.Value), [], out _));

        // And goes on from it to the next.
        using X509Certificate2 cross = X509CertificateLoader.LoadCertificate(RootCertificates.CrossSign(root.Value, _roots[1].CertificateDer.AsSpan(), Now).AsSpan());
        Assert.NotNull(trust.Verify(Leaf(_roots[1]), [cross], out _));
        Assert.Null(RootCertificates.CheckCrossSignature(cross.RawData, _roots[1].CertificateDer.AsSpan(), certificate, Now));
        Assert.NotNull(RootCertificates.CheckCrossSignature(cross.RawData, _roots[2].CertificateDer.AsSpan(), certificate, Now));
        Assert.NotNull(RootCertificates.CheckCrossSignature(cross.RawData, _roots[1].CertificateDer.AsSpan(), _roots[0].CertificateDer.AsSpan(), Now));
    }

    [Fact]
    public void Refuses_roots_that_will_not_do()
    {
        (byte[] good, byte[] key) = Make();
        Assert.Contains("not the one of its certificate", Refusal(good, _roots[0].KeyPkcs8.AsSpan()), StringComparison.Ordinal);
        Assert.Contains("a new key", RootCertificates.Import(good, key, [[.. good]], Now).Refusal!.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Refusal([1, 2, 3], []), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Refusal(good, [1, 2, 3]), StringComparison.Ordinal);
        Assert.Contains("a year", Refusal(Make(days: 300).Certificate, []), StringComparison.Ordinal);
        Assert.Contains("not one of an authority", Refusal(Make(isAuthority: false).Certificate, []), StringComparison.Ordinal);
        Assert.Contains("length of chains", Refusal(Make(pathLength: 0).Certificate, []), StringComparison.Ordinal);
        Assert.Contains("not signed by itself", Refusal(Leaf(_roots[0]).RawData, []), StringComparison.Ordinal);
    }

    private static string Refusal(ReadOnlySpan<byte> certificate, ReadOnlySpan<byte> key) => RootCertificates.Import(certificate, key, [], Now).Refusal!.Message;

    private static (byte[] Certificate, byte[] Key) Make(int days = 4000, bool isAuthority = true, int? pathLength = null, bool isRsa = false)
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using RSA rsa = RSA.Create(2048);
        CertificateRequest request = isRsa
            ? new("CN=company root", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new("CN=company root", ecdsa, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, pathLength is not null, pathLength ?? 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using X509Certificate2 root = request.CreateSelfSigned(Now.AddHours(-1), Now.AddDays(days));
        return (root.RawData, isRsa ? rsa.ExportPkcs8PrivateKey() : ecdsa.ExportPkcs8PrivateKey());
    }

    private X509Certificate2 Cross(int old, int next) => X509CertificateLoader.LoadCertificate(RootCertificates.CrossSign(_roots[old], _roots[next].CertificateDer.AsSpan(), Now).AsSpan());

    private static X509Certificate2 Leaf(RootAuthority root)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return X509CertificateLoader.LoadCertificate(
            RootAuthorityIssuer.Issue(root, new PublicKey(key), new CertificateIdentity(Cluster, new NodeId(5), NodeRole.Worker), Now, TimeSpan.FromDays(1)).AsSpan());
    }

    private CertificateStanding Judge(X509Certificate2 leaf, X509Certificate2[] intermediates, int[] trusted, int[]? former = null)
    {
        TrustedRoots roots = new(trusted.Select(i => _roots[i].CertificateDer), (former ?? []).Select(i => _roots[i].CertificateDer), generation: 1);
        return new ClusterTrust(roots, Cluster, TimeProvider.System).Judge(leaf, intermediates, roots, out _);
    }
}
