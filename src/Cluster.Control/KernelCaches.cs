using System.Text;
using Cluster.Control.Orchestration;
using Cluster.Control.Scheduling;
using Cluster.Model.Objects;
using Cluster.Store;

namespace Cluster.Control;

/// <summary>
/// What the loops would else have to count again and again. Each is a function of the rows alone: applying every change in order
/// gives the same as reading all rows at the end.
/// </summary>
internal sealed class KernelCaches
{
    public ClusterLoad Load { get; } = new();

    public DelayedStarts Delayed { get; } = new();

    public DownNodes Down { get; } = new();

    public void Apply(Change change)
    {
        switch (change.Table)
        {
            case Table.Tasks:
                Load.Apply((TaskRecord?)change.Before, (TaskRecord?)change.After);
                Delayed.Apply((TaskRecord?)change.Before, (TaskRecord?)change.After);
                break;
            case Table.Nodes:
                Load.Apply((NodeRecord?)change.Before, (NodeRecord?)change.After);
                Down.Apply((NodeRecord?)change.Before, (NodeRecord?)change.After);
                break;
            case Table.Templates:
                Load.Apply((TaskTemplate?)change.Before, (TaskTemplate?)change.After);
                break;
        }
    }

    public void Clear()
    {
        Load.Clear();
        Delayed.Clear();
        Down.Clear();
    }

    public string Fingerprint()
    {
        StringBuilder text = new();
        Load.AppendTo(text);
        Delayed.AppendTo(text);
        Down.AppendTo(text);
        return text.ToString();
    }
}
