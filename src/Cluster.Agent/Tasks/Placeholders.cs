using System.Globalization;
using System.Text;
using Cluster.Model;
using Cluster.Model.Objects;

namespace Cluster.Agent.Tasks;

/// <summary>
/// Expands what Swarm expands in hostnames, environment values and mount sources, such as <c>{{.Task.Slot}}</c>, with or without
/// spaces inside the braces. The same names as Swarm (swarmkit template/context.go), but no other Go template syntax.
/// </summary>
internal sealed class Placeholders(AgentCoreOptions node, TaskAssignment task)
{
    private const string ServiceLabel = ".Service.Labels.";

    /// <summary>Slot of a task of a global service: its node stands for it.</summary>
    private string Slot => task.Slot > 0 ? task.Slot.ToString(CultureInfo.InvariantCulture) : node.NodeId.ToString();

    public string TaskName => $"{task.ServiceName}.{Slot}.{task.TaskId}";

    /// <param name="text">What to expand.</param>
    /// <param name="field">Names the text in a refusal.</param>
    public Result<string> Expand(string text, string field)
    {
        if (!text.Contains("{{", StringComparison.Ordinal)) return text;
        StringBuilder expanded = new();
        int from = 0;
        for (int open; (open = text.IndexOf("{{", from, StringComparison.Ordinal)) >= 0;)
        {
            int close = text.IndexOf("}}", open, StringComparison.Ordinal);
            if (close < 0) return Refusal.Invalid($"{field} '{text}': a placeholder is not closed: '}}}}' is missing");
            string name = text[(open + 2)..close].Trim();
            if (ValueOf(name) is not { } value)
            {
                return Refusal.Invalid(
                    $"{field} '{text}': unknown placeholder '{{{{{name}}}}}'; known are .Service.ID, .Service.Name, .Service.Labels.NAME, .Node.ID, "
                    + ".Node.Hostname, .Node.Platform.OS, .Node.Platform.Architecture, .Task.ID, .Task.Name and .Task.Slot");
            }

            expanded.Append(text, from, open - from).Append(value);
            from = close + 2;
        }

        return expanded.Append(text, from, text.Length - from).ToString();
    }

    private string? ValueOf(string name) => name switch
    {
        ".Service.ID" => task.ServiceId.ToString(),
        ".Service.Name" => task.ServiceName,
        ".Node.ID" => node.NodeId.ToString(),
        ".Node.Hostname" => node.Hostname,
        ".Node.Platform.OS" => node.Os,
        ".Node.Platform.Architecture" => node.Architecture,
        ".Task.ID" => task.TaskId.ToString(),
        ".Task.Name" => TaskName,
        ".Task.Slot" => Slot,
        _ => LabelOf(name),
    };

    /// <summary>A label that the service lacks is empty, as a missing key of a map is in Swarm.</summary>
    private string? LabelOf(string name) =>
        name.StartsWith(ServiceLabel, StringComparison.Ordinal) && name.Length > ServiceLabel.Length
            ? task.ServiceLabels.Get(name[ServiceLabel.Length..]) ?? ""
            : null;
}
