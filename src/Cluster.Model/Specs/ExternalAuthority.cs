using System.Collections.Immutable;

namespace Cluster.Model.Specs;

/// <summary>A signing server that the managers ask for certificates.</summary>
/// <param name="Url">https, as <c>https://host/api/v1/cfssl/sign</c>.</param>
/// <param name="RootCertificateDer">The root that it signs for; empty: whichever the cluster has.</param>
public sealed record ExternalAuthority(string Url, ImmutableArray<byte> RootCertificateDer)
{
    /// <summary>The only protocol there is.</summary>
    public const string Protocol = "cfssl";

    public bool SignsFor(ImmutableArray<byte> rootCertificateDer) => RootCertificateDer.IsDefaultOrEmpty || RootCertificateDer.AsSpan().SequenceEqual(rootCertificateDer.AsSpan());

    public bool Equals(ExternalAuthority? other) => other is not null && Url == other.Url && RootCertificateDer.AsSpan().SequenceEqual(other.RootCertificateDer.AsSpan());

    public override int GetHashCode() => Url.GetHashCode(StringComparison.Ordinal);
}
