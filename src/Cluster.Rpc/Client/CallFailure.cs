using System.Net;
using System.Net.Http;
using Cluster.Rpc.Wire;
using Grpc.Core;

namespace Cluster.Rpc.Client;

/// <summary>The status for a failure of the transport.</summary>
internal static class CallFailure
{
    public static Status Classify(Exception exception, RpcAddress address, bool isDeadlineNear)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case RpcException rpc: // from the serializer of a request
                    return rpc.Status;
                case HttpProtocolException protocol:
                    return new Status(FromProtocol(protocol, isDeadlineNear), $"{address}: {protocol.Message}", exception);
                case HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }:
                    return new Status(StatusCode.ResourceExhausted, cause.Message, exception);
            }
        }
        return new Status(StatusCode.Unavailable, $"{address}: {Describe(exception)}", exception);
    }

    /// <summary>
    /// Only a RST_STREAM speaks for the call; GOAWAY and a missed keep-alive ping (reported as PROTOCOL_ERROR) are the connection's end. They
    /// come as the same exception type, so the text has to tell them apart, in both forms that the framework has for it.
    /// </summary>
    private static StatusCode FromProtocol(HttpProtocolException exception, bool isDeadlineNear)
    {
        const long EnhanceYourCalm = 0xb;
        bool isStreamReset = exception.Message.Contains("reset the stream", StringComparison.Ordinal)
            || exception.Message.Contains("http2_stream_error", StringComparison.OrdinalIgnoreCase);
        if (!isStreamReset && exception.ErrorCode != EnhanceYourCalm) return StatusCode.Unavailable;
        StatusCode code = StatusMapping.FromHttp2Error(exception.ErrorCode);
        // The server's deadline timer may be a little ahead of ours.
        return code == StatusCode.Cancelled && isDeadlineNear ? StatusCode.DeadlineExceeded : code;
    }

    private static string Describe(Exception exception)
    {
        Exception innermost = exception.GetBaseException();
        return innermost is System.Security.Authentication.AuthenticationException or TimeoutException ? innermost.Message : exception.Message;
    }
}
