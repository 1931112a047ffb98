using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Cluster.Rpc.Server.Listening;

/// <summary>The options of one handshake, from the functions of <see cref="RpcServerTls"/>.</summary>
internal static class TlsHandshake
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    public static ValueTask<SslServerAuthenticationOptions> CreateOptionsAsync(TlsHandshakeCallbackContext context)
    {
        var (tls, protocols) = ((RpcServerTls, IReadOnlyList<RpcProtocol>))context.State!;
        context.AllowDelayedClientCertificateNegotation = false;
        SslServerAuthenticationOptions options = CreateOptions(tls, context.Connection.Items);
        options.ApplicationProtocols = [SslApplicationProtocol.Http2, .. protocols.Select(protocol => new SslApplicationProtocol(protocol.Name))];
        return ValueTask.FromResult(options);
    }

    private static SslServerAuthenticationOptions CreateOptions(RpcServerTls tls, IDictionary<object, object?> connectionItems)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = tls.Certificate(),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            // A resumed session would skip the check of a certificate that was valid earlier.
            AllowTlsResume = false,
        };
        if (tls.ClientCertificate == RpcClientCertificateMode.None) return options;

        options.ClientCertificateRequired = true; // asks for it; whether it may be missing is decided below
        if (tls.TrustedRoots is not null) options.CertificateChainPolicy = CreateChainPolicy(tls.TrustedRoots());
        options.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
        {
            if (certificate is null) return tls.ClientCertificate == RpcClientCertificateMode.Optional;
            ClientChain.Keep(connectionItems, certificate as X509Certificate2, chain);
            return tls.ValidateClient?.Invoke(sender, certificate, chain, errors) ?? errors == SslPolicyErrors.None;
        };
        return options;
    }

    private static X509ChainPolicy CreateChainPolicy(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(roots);
        policy.ApplicationPolicy.Add(ClientAuthentication);
        return policy;
    }
}
