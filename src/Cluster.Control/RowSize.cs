using Cluster.Model.Objects;

namespace Cluster.Control;

/// <summary>Upper estimates of encoded rows, for the budget of a pass.</summary>
internal static class RowSize
{
    /// <summary>A row without free text.</summary>
    public const int Typical = 250;

    /// <summary>Text is at most three bytes for each UTF-16 unit.</summary>
    public static int Of(TaskRecord task) => Typical + 3 * (task.Status.Message.Length + task.Status.Error.Length) + 16 * task.HostPorts.Count;

    public static int Of(RestartHistory history) => Typical + 10 * history.Attempts.Count;
}
