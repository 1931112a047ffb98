using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Rpc;

/// <summary>
/// TLS of a channel. The functions are asked for every new connection, so that certificates and roots can be exchanged while the channel is
/// in use; connections that are open keep what they began with. They are called from any thread.
/// </summary>
public sealed class RpcClientTls
{
    /// <summary>The name that the server's certificate must have; the address's host when null.</summary>
    public string? ServerName { get; init; }

    /// <summary>
    /// The client's certificate with the intermediates to send, or null for none. Make the context once per certificate
    /// (<see cref="SslStreamCertificateContext.Create(X509Certificate2, X509Certificate2Collection?, bool)"/>, offline), not once per connection.
    /// </summary>
    public Func<SslStreamCertificateContext?>? Certificate { get; init; }

    /// <summary>The roots that the server's certificate must lead to; those of the system when null. Nothing is downloaded or looked up.</summary>
    public Func<X509Certificate2Collection>? TrustedRoots { get; init; }

    /// <summary>Has the last word on the server's certificate; gets the errors found. When null, any error refuses the connection.</summary>
    public RemoteCertificateValidationCallback? ValidateServer { get; init; }
}
