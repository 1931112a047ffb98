using Cluster.Manager.Leading;
using Grpc.Core;
using Xunit;

namespace Cluster.UnitTests.Manager.Leading;

public sealed class StoppingBinderTests
{
    private static readonly Marshaller<string> Text = Marshallers.Create(System.Text.Encoding.UTF8.GetBytes, System.Text.Encoding.UTF8.GetString);
    private static readonly Method<string, string> Ask = new(MethodType.Unary, "cluster.test", "Ask", Text, Text);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Ends_a_call_that_waits_when_the_manager_stops()
    {
        using CancellationTokenSource stopping = new();
        Bound bound = new();
        UnaryServerMethod<string, string> waits = (_, _) => new TaskCompletionSource<string>().Task;
        new StoppingBinder(bound, stopping.Token).AddMethod(Ask, waits);
        Task<string> call = bound.Handler!("?", null!);
        Assert.False(call.IsCompleted);

        await stopping.CancelAsync();

        RpcException ended = await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(Patience));
        Assert.Equal(StatusCode.Unavailable, ended.StatusCode);
        Assert.Contains("stops", ended.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_answers_and_refusals_as_they_are()
    {
        Bound bound = new();
        UnaryServerMethod<string, string> answers = (request, _) =>
            request == "?" ? Task.FromResult("!") : Task.FromException<string>(new RpcException(new Status(StatusCode.NotFound, "no")));
        new StoppingBinder(bound, CancellationToken.None).AddMethod(Ask, answers);

        Assert.Equal("!", await bound.Handler!("?", null!));
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => bound.Handler!("x", null!))).StatusCode);
    }

    private sealed class Bound : ServiceBinderBase
    {
        public UnaryServerMethod<string, string>? Handler { get; private set; }

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            Handler = handler as UnaryServerMethod<string, string>;

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) => Assert.Fail("not bound here");

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) => Assert.Fail("not bound here");

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) => Assert.Fail("not bound here");
    }
}
