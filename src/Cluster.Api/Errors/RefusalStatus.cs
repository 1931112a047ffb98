using Cluster.Model;
using Grpc.Core;

namespace Cluster.Api.Errors;

/// <summary>The gRPC status of each kind of refusal; the message travels as it is.</summary>
public static class RefusalStatus
{
    public static RpcException ToRpcException(this Refusal refusal) => new(refusal.ToStatus());

    public static Status ToStatus(this Refusal refusal) => new(CodeOf(refusal.Kind), refusal.Message);

    public static T OrThrow<T>(this Result<T> result) => result.Refusal is { } refusal ? throw refusal.ToRpcException() : result.Value;

    private static StatusCode CodeOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Invalid => StatusCode.InvalidArgument,
        RefusalKind.NotFound => StatusCode.NotFound,
        RefusalKind.AlreadyExists => StatusCode.AlreadyExists,
        RefusalKind.FailedPrecondition => StatusCode.FailedPrecondition,
        RefusalKind.OutOfSequence => StatusCode.Aborted,
        RefusalKind.PermissionDenied => StatusCode.PermissionDenied,
        RefusalKind.LimitExceeded => StatusCode.ResourceExhausted,
        RefusalKind.Unsupported => StatusCode.Unimplemented,
        _ => StatusCode.Unknown,
    };
}
