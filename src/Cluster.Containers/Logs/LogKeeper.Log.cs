using Cluster.Model.Ids;
using Microsoft.Extensions.Logging;

namespace Cluster.Containers.Logs;

internal sealed partial class LogKeeper
{
    [LoggerMessage(LogLevel.Warning, "the output of task {TaskId} cannot be stored now; it waits in its file")]
    private partial void LogNotTaken(Exception exception, TaskId taskId);
}
