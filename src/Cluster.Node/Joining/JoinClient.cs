using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Tokens;
using Cluster.Node.Certificates;
using Cluster.Rpc;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Node.Joining;

/// <summary>
/// Gets a certificate from a cluster that this node knows only by a join token: fetches the root without trust, compares its digest
/// with the token's, and sends the secret and the request only over a connection that the root vouches for.
/// </summary>
internal sealed class JoinClient(TimeProvider timeProvider)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Asks the managers in turn. A refusal by the cluster is final; managers that do not answer are passed over.</summary>
    public async Task<Result<IssuedIdentity>> JoinAsync(JoinToken token, IReadOnlyList<string> managers, ECDsa key, JoinDetails details, CancellationToken ct)
    {
        List<string> failures = [];
        foreach (string manager in managers)
        {
            try
            {
                return await JoinThroughAsync(token, RpcAddress.Parse(manager), key, details, ct);
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
            {
                failures.Add($"{manager}: {e.Status.Detail}");
            }
            catch (RpcException e) when (e.StatusCode is not StatusCode.Cancelled)
            {
                return new Refusal(e.StatusCode == StatusCode.PermissionDenied ? RefusalKind.PermissionDenied : RefusalKind.FailedPrecondition, $"{manager} refused the join: {e.Status.Detail}");
            }
        }

        return Refusal.FailedPrecondition($"no manager answered ({string.Join("; ", failures)}): check the address and that port {NodeOptions.DefaultPort}/tcp is open");
    }

    private async Task<Result<IssuedIdentity>> JoinThroughAsync(JoinToken token, RpcAddress address, ECDsa key, JoinDetails details, CancellationToken ct)
    {
        GetRootCertificateResponse fetched = await FetchRootAsync(address, ct);
        byte[] rootDer = fetched.CertificateDer.ToByteArray();
        if (!token.MatchesRoot(rootDer))
        {
            // What is not verified is good enough for a better word.
            if (fetched.FormerCertificateDer.Any(former => token.MatchesRoot(former.Span)))
            {
                return new Refusal(RefusalKind.PermissionDenied, JoinToken.OfFormerRoot);
            }

            return new Refusal(RefusalKind.PermissionDenied, $"the cluster at {address} is not the one that the token is for (its root certificate has another digest): check token and address");
        }

        using X509Certificate2 root = X509CertificateLoader.LoadCertificate(rootDer);
        await using RpcChannel channel = new(new RpcChannelOptions
        {
            Address = address,
            TimeProvider = timeProvider,
            Tls = new RpcClientTls { ValidateServer = (_, certificate, chain, _) => IsIssuedBy(root, certificate as X509Certificate2, chain) },
        });
        CertificateAuthority.CertificateAuthorityClient client = new(channel);
        IssueNodeCertificateResponse answer = await client.IssueNodeCertificateAsync(
            new IssueNodeCertificateRequest
            {
                CsrDer = ByteString.CopyFrom(CertificateRequests.Create(key)),
                Token = token.Reveal(),
                Availability = details.Availability,
                Description = details.Description,
            },
            deadline: Deadline(),
            cancellationToken: ct);
        return IssuedIdentity.Read(answer, new TrustedRoots(root), key, timeProvider);
    }

    private async Task<GetRootCertificateResponse> FetchRootAsync(RpcAddress address, CancellationToken ct)
    {
        await using RpcChannel channel = new(new RpcChannelOptions
        {
            Address = address,
            TimeProvider = timeProvider,
            Tls = new RpcClientTls { ValidateServer = static (_, _, _, _) => true },
        });
        CertificateAuthority.CertificateAuthorityClient client = new(channel);
        return await client.GetRootCertificateAsync(new GetRootCertificateRequest(), deadline: Deadline(), cancellationToken: ct);
    }

    /// <summary>Before the cluster id is known only the chain can be checked.</summary>
    private bool IsIssuedBy(X509Certificate2 root, X509Certificate2? certificate, X509Chain? chain)
    {
        if (certificate is null || CertificateIdentity.TryRead(certificate) is not { Role: Model.States.NodeRole.Manager } identity) return false;
        return new ClusterTrust(root, identity.ClusterId, timeProvider).Verify(certificate, chain?.ChainPolicy.ExtraStore ?? [], out _) is not null;
    }

    private DateTime Deadline() => timeProvider.GetUtcNow().UtcDateTime + CallTimeout;
}

internal sealed record JoinDetails(NodeAvailability Availability, NodeDescription Description);
