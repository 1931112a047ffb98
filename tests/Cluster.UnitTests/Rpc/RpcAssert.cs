using Grpc.Core;
using Xunit;

namespace Cluster.UnitTests.Rpc;

/// <summary>Assertions on how calls end.</summary>
internal static class RpcAssert
{
    public static async Task<RpcException> FailsAsync(StatusCode expected, Func<Task> call)
    {
        RpcException failure = await Assert.ThrowsAsync<RpcException>(() => call().WaitAsync(RpcTestServer.Patience));
        Assert.True(expected == failure.StatusCode, $"Expected {expected}, got {failure.Status}: {failure.Status.DebugException}");
        return failure;
    }
}
