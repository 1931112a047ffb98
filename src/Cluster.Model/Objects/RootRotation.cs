using System.Collections.Immutable;

namespace Cluster.Model.Objects;

/// <summary>
/// The exchange of the root for another one, while it is under way: certificates are issued by the target, and both roots are believed. Never
/// printed.
/// </summary>
/// <param name="Target">The root to be.</param>
/// <param name="CrossSignedDer">The target's subject and key, signed by the present root: who knows only that one believes the target by it.</param>
/// <param name="JoinSecrets">From the end of the rotation on.</param>
public sealed record RootRotation(RootAuthority Target, ImmutableArray<byte> CrossSignedDer, JoinSecrets JoinSecrets)
{
    public bool Equals(RootRotation? other) =>
        other is not null && Target == other.Target && CrossSignedDer.AsSpan().SequenceEqual(other.CrossSignedDer.AsSpan()) && JoinSecrets == other.JoinSecrets;

    public override int GetHashCode() => Target.GetHashCode();

    public override string ToString() => "***";
}

/// <summary>A root that was exchanged for another one.</summary>
/// <param name="CertificateDer">The root's certificate.</param>
/// <param name="CrossSignedDer">Its successor's subject and key, signed by it.</param>
public sealed record FormerRoot(ImmutableArray<byte> CertificateDer, ImmutableArray<byte> CrossSignedDer)
{
    public bool Equals(FormerRoot? other) =>
        other is not null && CertificateDer.AsSpan().SequenceEqual(other.CertificateDer.AsSpan()) && CrossSignedDer.AsSpan().SequenceEqual(other.CrossSignedDer.AsSpan());

    public override int GetHashCode() => CertificateDer.IsDefaultOrEmpty ? 0 : CertificateDer.Length;
}
