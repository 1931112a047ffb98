using System.Globalization;
using Cluster.Cli.Output;
using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.Cli.Services;

/// <summary>
/// Shows progress: on a terminal a few lines that change in place, elsewhere a line for each change of the whole and for each error.
/// </summary>
internal sealed class ProgressDisplay(TextWriter writer, bool isTerminal)
{
    private const int MaxSlotLines = 20;
    private const int MaxLine = 100;
    private const int BarLength = 20;

    private readonly HashSet<string> _shownErrors = [];
    private int _linesOnScreen;
    private string _lastSummary = "";

    public void Show(ServiceProgress progress)
    {
        string summary = string.Create(CultureInfo.InvariantCulture, $"overall progress: {progress.Done} out of {progress.Wanted} tasks");
        IReadOnlyList<TaskRecord> slots = progress.Slots();
        if (isTerminal) Redraw([summary, .. SlotLines(slots, progress.Wanted)]);
        else Append(summary, slots, progress.Wanted);
    }

    public void Finish(string line)
    {
        writer.WriteLine(line);
        writer.Flush();
        _linesOnScreen = 0;
    }

    private static IEnumerable<string> SlotLines(IReadOnlyList<TaskRecord> slots, int wanted) =>
        wanted > MaxSlotLines ? [] : slots.Where(task => task.Slot <= wanted).Select(task => HumanText.Shorten(Line(task, wanted), MaxLine));

    private static string Line(TaskRecord task, int wanted)
    {
        string position = string.Create(CultureInfo.InvariantCulture, $"{task.Slot}/{wanted}: ");
        if (task.Status.Error.Length > 0) return position + task.Status.Error.ReplaceLineEndings(" ");
        int done = (int)Math.Min(BarLength, (long)task.Status.State * BarLength / (long)TaskState.Running);
        return $"{position}{task.Status.State.ToString().ToLowerInvariant(),-9} [{new string('=', done)}>{new string(' ', BarLength - done)}]";
    }

    private void Redraw(IReadOnlyList<string> lines)
    {
        if (_linesOnScreen > 0) writer.Write($"\e[{_linesOnScreen.ToString(CultureInfo.InvariantCulture)}A");
        foreach (string line in lines) writer.Write($"\e[2K{line}\n");
        if (_linesOnScreen > lines.Count) writer.Write("\e[J");
        _linesOnScreen = lines.Count;
        writer.Flush();
    }

    private void Append(string summary, IReadOnlyList<TaskRecord> slots, int wanted)
    {
        foreach (TaskRecord task in slots.Where(task => task.Status.Error.Length > 0))
        {
            string line = Line(task, wanted);
            if (_shownErrors.Count < MaxSlotLines && _shownErrors.Add(line)) writer.WriteLine(line);
        }

        if (summary != _lastSummary) writer.WriteLine(summary);
        _lastSummary = summary;
        writer.Flush();
    }
}
