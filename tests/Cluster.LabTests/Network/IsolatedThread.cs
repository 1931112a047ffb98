using System.Collections.Concurrent;

namespace Cluster.LabTests.Network;

/// <summary>
/// Runs asynchronous code on one thread in a network namespace of its own, as if the whole process were in it: what is awaited comes back
/// to the thread, and processes and sockets are made from it. The namespace goes with the thread.
/// </summary>
internal static class IsolatedThread
{
    public static Task RunAsync(Func<Task> body)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            try
            {
                Cluster.Network.Interop.LeaveNetworkNamespace();
                Pump pump = new();
                SynchronizationContext.SetSynchronizationContext(pump);
                Task task = body();
                task.ContinueWith(_ => pump.Post(_ => pump.Complete(), null), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                pump.Run();
                if (task.IsFaulted) done.SetException(task.Exception.InnerExceptions);
                else done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Name = "isolated" };
        thread.Start();
        return done.Task;
    }

    private sealed class Pump : SynchronizationContext
    {
        private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = [];

        public override void Post(SendOrPostCallback d, object? state) => _queue.Add((d, state));

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

        public override SynchronizationContext CreateCopy() => this;

        public void Complete() => _queue.CompleteAdding();

        public void Run()
        {
            foreach ((SendOrPostCallback callback, object? state) in _queue.GetConsumingEnumerable()) callback(state);
        }
    }
}
