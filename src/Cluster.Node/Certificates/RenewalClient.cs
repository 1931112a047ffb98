using System.Security.Cryptography;
using Cluster.Api.V1;
using Cluster.Model;
using Cluster.Node.Keys;
using Cluster.Rpc;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Node.Certificates;

/// <summary>
/// Asks the managers for this node's next certificate, of the role that the cluster gives it now. The key pair stays, so that an answer
/// that is lost on the way locks nobody out.
/// </summary>
internal sealed class RenewalClient(TimeProvider timeProvider)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);

    /// <param name="keys">Of this node.</param>
    /// <param name="credentials">With which it calls.</param>
    /// <param name="connected">A manager that answered lately is asked first.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<Result<IssuedIdentity>> RenewAsync(NodeKeys keys, NodeCredentials credentials, string? connected, CancellationToken ct)
    {
        using ECDsa key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(keys.PrivateKeyPkcs8.AsSpan(), out _);
        IssueNodeCertificateRequest request = new() { CsrDer = ByteString.CopyFrom(CertificateRequests.Create(key)) };
        List<string> failures = [];
        foreach (string manager in keys.Managers.OrderBy(manager => manager != connected))
        {
            try
            {
                await using RpcChannel channel = new(new RpcChannelOptions { Address = RpcAddress.Parse(manager), Tls = credentials.ClientTls, TimeProvider = timeProvider });
                IssueNodeCertificateResponse answer = await new CertificateAuthority.CertificateAuthorityClient(channel)
                    .IssueNodeCertificateAsync(request, deadline: timeProvider.GetUtcNow().UtcDateTime + CallTimeout, cancellationToken: ct);
                Result<IssuedIdentity> issued = IssuedIdentity.Read(answer, credentials.Trust.Roots, key, timeProvider);
                return issued.IsOk && (issued.Value.Identity.NodeId != keys.NodeId || issued.Value.Identity.ClusterId != keys.ClusterId)
                    ? Refusal.FailedPrecondition($"{manager} renewed the certificate of another node")
                    : issued;
            }
            catch (RpcException e) when (e.StatusCode is not StatusCode.Cancelled || !ct.IsCancellationRequested)
            {
                failures.Add($"{manager}: {e.Status.Detail}");
            }
        }

        return Refusal.FailedPrecondition($"no manager renewed the certificate ({string.Join("; ", failures)})");
    }
}
