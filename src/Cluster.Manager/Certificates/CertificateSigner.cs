using System.Collections.Immutable;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Manager.Certificates;

/// <summary>
/// Signs certificates as the cluster's row wants it: by external authorities where it names any, else with the root's key, and never by one in
/// place of the other. Any thread.
/// </summary>
internal sealed class CertificateSigner(ExternalSigner external, TimeProvider timeProvider)
{
    /// <summary>A node's.</summary>
    public Task<Result<ImmutableArray<byte>>> SignAsync(ClusterRecord cluster, SigningRequest request, CertificateIdentity identity, CancellationToken ct) => SignAsync(
        cluster,
        new ExternalOrder(cluster, request, identity),
        root => RootAuthorityIssuer.Issue(root, request.PublicKey, identity, timeProvider.GetUtcNow(), cluster.Spec.CertificateExpiry),
        ct);

    /// <summary>A person's.</summary>
    public Task<Result<ImmutableArray<byte>>> SignAsync(ClusterRecord cluster, SigningRequest request, UserIdentity identity, TimeSpan lifetime, CancellationToken ct) => SignAsync(
        cluster,
        new ExternalOrder(cluster, request, identity),
        root => RootAuthorityIssuer.Issue(root, request.PublicKey, identity, timeProvider.GetUtcNow(), lifetime),
        ct);

    private async Task<Result<ImmutableArray<byte>>> SignAsync(ClusterRecord cluster, ExternalOrder order, Func<RootAuthority, ImmutableArray<byte>> issue, CancellationToken ct)
    {
        RootAuthority root = RootChain.Issuing(cluster);
        if (External(cluster, root) is { Count: > 0 } authorities) return await external.SignAsync(authorities, order, ct);
        return root.HasKey ? issue(root) : NoKey;
    }

    private static Refusal NoKey => Refusal.FailedPrecondition(
        "the managers do not have the root's key, and no external authority signs for it: name one with 'cluster node ca --rotate --external-ca …'");

    private static List<ExternalAuthority> External(ClusterRecord cluster, RootAuthority root) =>
        [.. cluster.Spec.ExternalAuthorities.Where(authority => authority.SignsFor(root.CertificateDer))];
}
