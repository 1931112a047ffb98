using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Manager.Certificates;

/// <summary>
/// Asks external authorities by CFSSL's protocol, over mutual TLS, a few at a time, and checks what they give. After a failure nobody is asked for
/// a while, which grows: whoever wants a certificate meanwhile hears why there is none, and tries again by itself. Thread-safe.
/// </summary>
/// <param name="certificate">That this manager shows; null before it has one.</param>
/// <param name="timeProvider">The time.</param>
internal sealed class ExternalSigner(Func<SslStreamCertificateContext?> certificate, TimeProvider timeProvider) : IDisposable
{
    private const int MaxAtATime = 8;
    private const int MaxAnswerBytes = 64 << 10;
    private const int MaxProblemLength = 300;

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turns = new(MaxAtATime);
    private readonly Lock _lock = new();
    private int _failures;
    private long _failedAt;
    private string _problem = "";

    /// <summary>The first authority that gives the right certificate counts.</summary>
    public async Task<Result<ImmutableArray<byte>>> SignAsync(IReadOnlyList<ExternalAuthority> authorities, ExternalOrder order, CancellationToken ct)
    {
        await _turns.WaitAsync(ct);
        try
        {
            if (StillPausing() is { } refusal) return refusal;
            List<string> problems = [];
            foreach (ExternalAuthority authority in authorities)
            {
                (ImmutableArray<byte> issued, string problem) = await AskAsync(authority, order, ct);
                if (problem.Length == 0)
                {
                    lock (_lock) _failures = 0;
                    return issued;
                }

                problems.Add($"{authority.Url}: {(problem.Length > MaxProblemLength ? problem[..MaxProblemLength] : problem)}");
            }

            return Failed(string.Join("; ", problems));
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private Refusal? StillPausing()
    {
        lock (_lock) return _failures > 0 && timeProvider.GetElapsedTime(_failedAt) < Pause ? Refused(_problem) : null;
    }

    private Refusal Failed(string problem)
    {
        lock (_lock)
        {
            (_failures, _failedAt, _problem) = (_failures + 1, timeProvider.GetTimestamp(), problem);
            return Refused(problem);
        }
    }

    private TimeSpan Pause
    {
        get
        {
            TimeSpan pause = ShortestPause * Math.Pow(2, Math.Min(_failures - 1, 10));
            return pause < LongestPause ? pause : LongestPause;
        }
    }

    private static Refusal Refused(string problem) => Refusal.FailedPrecondition($"the external authority has issued no certificate, and it alone issues them: {problem}");

    private async Task<(ImmutableArray<byte> Issued, string Problem)> AskAsync(ExternalAuthority authority, ExternalOrder order, CancellationToken ct)
    {
        using CancellationTokenSource timeout = new(CallTimeout, timeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            using SocketsHttpHandler handler = new() { AllowAutoRedirect = false, UseCookies = false, SslOptions = TlsTo(authority, order.Cluster) };
            using HttpClient client = new(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswerBytes };
            using StringContent content = new(order.ToJson().ToJsonString(), Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
            using HttpResponseMessage response = await client.PostAsync(new Uri(authority.Url), content, either.Token);
            string answer = await response.Content.ReadAsStringAsync(either.Token);
            (string pem, string problem) = Read(response.StatusCode, answer);
            return problem.Length > 0 ? ([], problem) : order.Take(pem, timeProvider);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return ([], e.InnerException is { } cause ? $"{e.Message} ({cause.Message})" : e.Message);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return ([], $"it did not answer within {CallTimeout.TotalSeconds:0} s");
        }
    }

    /// <summary>CFSSL's form: success, result, errors.</summary>
    private static (string Pem, string Problem) Read(HttpStatusCode status, string answer)
    {
        try
        {
            if (JsonNode.Parse(answer) is JsonObject body)
            {
                if (body["success"]?.GetValueKind() == JsonValueKind.True && body["result"]?["certificate"] is JsonValue pem && pem.TryGetValue(out string? text)) return (text, "");
                string errors = string.Join(", ", (body["errors"] as JsonArray ?? []).Select(error => error?["message"]?.ToString()).OfType<string>());
                if (errors.Length > 0) return ("", $"it refused: {errors}");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Said below.
        }

        return ("", $"it answered {(int)status}, and not as CFSSL's signing endpoint does");
    }

    /// <summary>The server is believed by its own root where one is named, by the cluster's, or by the machine's.</summary>
    private SslClientAuthenticationOptions TlsTo(ExternalAuthority authority, ClusterRecord cluster) => new()
    {
        ClientCertificateContext = certificate(),
        RemoteCertificateValidationCallback = (_, server, chain, errors) =>
            errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateChainErrors && IsIssuedBy([authority.RootCertificateDer, .. RootChain.Trusted(cluster)], server, chain)),
    };

    private bool IsIssuedBy(IEnumerable<ImmutableArray<byte>> rootsDer, X509Certificate? server, X509Chain? presented)
    {
        if (server is not X509Certificate2 certificate) return false;
        List<X509Certificate2> roots = [.. rootsDer.Where(der => !der.IsDefaultOrEmpty).Select(der => X509CertificateLoader.LoadCertificate(der.AsSpan()))];
        bool isIssued = CertificateChain.Length(certificate, presented?.ChainPolicy.ExtraStore ?? [], roots, timeProvider.GetUtcNow().UtcDateTime, out _) > 0;
        roots.ForEach(root => root.Dispose());
        return isIssued;
    }
}
