using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Rpc.Server;

/// <summary>
/// TLS of an endpoint. The functions are asked in every handshake, so that certificates and roots can be exchanged while the server runs;
/// connections that are open keep what they began with. They are called from any thread.
/// </summary>
public sealed class RpcServerTls
{
    /// <summary>
    /// The server's certificate with the intermediates to send. Make the context once per certificate
    /// (<see cref="SslStreamCertificateContext.Create(X509Certificate2, X509Certificate2Collection?, bool)"/>, offline), not once per handshake.
    /// </summary>
    public required Func<SslStreamCertificateContext> Certificate { get; init; }

    public RpcClientCertificateMode ClientCertificate { get; init; } = RpcClientCertificateMode.Required;

    /// <summary>The roots that a client's certificate must lead to; those of the system when null. Nothing is downloaded or looked up.</summary>
    public Func<X509Certificate2Collection>? TrustedRoots { get; init; }

    /// <summary>
    /// Has the last word on a client's certificate; gets the errors found. Not called for a client that shows none. When null, any error
    /// refuses the connection.
    /// </summary>
    public RemoteCertificateValidationCallback? ValidateClient { get; init; }
}
