namespace Cluster.Rpc.Wire;

/// <summary>Names and fixed values of the gRPC headers (gRPC over HTTP2, "Requests" and "Responses").</summary>
internal static class WireHeaders
{
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string ContentType = "content-type";
    public const string Te = "te";
    public const string UserAgent = "user-agent";

    public const string GrpcContentType = "application/grpc";
    public const string Trailers = "trailers";
    public const string Gzip = "gzip";
    public const string Identity = "identity";
    public const string AcceptedEncodings = "identity,gzip";
    public const string UserAgentValue = "cluster-rpc/1";

    /// <summary>True for application/grpc, application/grpc+proto and application/grpc;…, but not for application/grpc-web.</summary>
    public static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(GrpcContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == GrpcContentType.Length || contentType[GrpcContentType.Length] is '+' or ';' or ' ');
}
