using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Cluster.Manager.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.UnitTests.Manager.Certificates;

/// <summary>
/// An authority on loopback that speaks CFSSL's signing protocol over HTTPS with a certificate of its own root. What it signs can be changed, to
/// see what becomes of wrong answers.
/// </summary>
internal sealed class SigningServer : IDisposable
{
    private readonly RootAuthority _root = RootCertificates.Create(new ClusterId(4242), TimeProvider.System.GetUtcNow());
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly X509Certificate2 _certificate;
    private readonly Task _running;

    public SigningServer()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=signing server", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(SignWith(_root, request).RawData);
        _certificate = bare.CopyWithPrivateKey(key);
        _listener.Start();
        _running = Task.Run(() => RunAsync(_stopping.Token));
    }

    public byte[] RootDer => [.. _root.CertificateDer];

    public byte[] RootKey => [.. _root.KeyPkcs8];

    public string Url => $"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/api/v1/cfssl/sign";

    public int Asked { get; private set; }

    /// <summary>The last order.</summary>
    public JsonObject? Order { get; private set; }

    /// <summary>Changes what is signed.</summary>
    public Action<CertificateRequest>? Spoil { get; set; }

    /// <summary>Signs another subject.</summary>
    public string? Subject { get; set; }

    /// <summary>Signs with another root.</summary>
    public RootAuthority? SignRoot { get; set; }

    /// <summary>Signs another key.</summary>
    public PublicKey? OtherKey { get; set; }

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(10);

    /// <summary>In place of an answer.</summary>
    public (int Status, string Body)? Answer { get; set; }

    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
        _certificate.Dispose();
        GC.KeepAlive(_running);
    }

    private async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(ct);
                await using SslStream stream = new(client.GetStream());
                await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, ct);
                string order = await ReadAsync(stream, ct);
                (int status, string body) = Answer ?? (200, Sign(order));
                byte[] bytes = Encoding.UTF8.GetBytes(body);
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n"), ct);
                await stream.WriteAsync(bytes, ct);
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // That client has gone.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private static async Task<string> ReadAsync(SslStream stream, CancellationToken ct)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, ct) == 1) head.Append((char)one[0]);
        string length = head.ToString().Split("\r\n").Single(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))["Content-Length:".Length..];
        byte[] body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, ct);
        return Encoding.UTF8.GetString(body);
    }

    private string Sign(string text)
    {
        Asked++;
        Order = (JsonObject)JsonNode.Parse(text)!;
        CertificateRequest csr = CertificateRequest.LoadSigningRequestPem(Order["certificate_request"]!.ToString(), HashAlgorithmName.SHA256);
        JsonNode subject = Order["subject"]!;
        X500DistinguishedNameBuilder name = new();
        name.AddOrganizationName(subject["names"]![0]!["O"]!.ToString());
        name.AddOrganizationalUnitName(subject["names"]![0]!["OU"]!.ToString());
        name.AddCommonName(subject["CN"]!.ToString());
        CertificateRequest request = new(Subject is null ? name.Build() : new X500DistinguishedName(Subject), OtherKey ?? csr.PublicKey, HashAlgorithmName.SHA256);
        Spoil?.Invoke(request);
        using X509Certificate2 certificate = SignWith(SignRoot ?? _root, request);
        return new JsonObject { ["success"] = true, ["result"] = new JsonObject { ["certificate"] = certificate.ExportCertificatePem() }, ["errors"] = new JsonArray() }.ToJsonString();
    }

    private X509Certificate2 SignWith(RootAuthority root, CertificateRequest request)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return X509CertificateLoader.LoadCertificate(RootAuthorityIssuer.Sign(root, request, now.AddHours(-1), now + (Lifetime == default ? TimeSpan.FromDays(1) : Lifetime)).AsSpan());
    }
}
