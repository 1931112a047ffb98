using Grpc.Core;

namespace Cluster.Rpc.Wire;

/// <summary>Statuses for answers that carry none of their own ("HTTP to gRPC status code mapping", "Errors" in gRPC over HTTP2).</summary>
internal static class StatusMapping
{
    public static StatusCode FromHttpStatus(int status) => status switch
    {
        400 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    /// <summary>For the error code of a RST_STREAM.</summary>
    public static StatusCode FromHttp2Error(long errorCode) => errorCode switch
    {
        0x7 => StatusCode.Unavailable, // REFUSED_STREAM
        0x8 => StatusCode.Cancelled, // CANCEL
        0xb => StatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        0xc => StatusCode.PermissionDenied, // INADEQUATE_SECURITY
        >= 0x0 and <= 0xa => StatusCode.Internal,
        _ => StatusCode.Unknown,
    };

    public static StatusCode FromWire(int status) =>
        status is >= (int)StatusCode.OK and <= (int)StatusCode.Unauthenticated ? (StatusCode)status : StatusCode.Unknown;
}
