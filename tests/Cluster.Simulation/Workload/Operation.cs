using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Simulation.Invariants;
using Cluster.Store;
using Cluster.Testing.Histories;

namespace Cluster.Simulation.Workload;

/// <summary>What a client wants done, once, however often it has to ask.</summary>
internal sealed class Operation(string name, string what, RequestId request, Func<WorkingTransaction, Result<UInt128>> command, Func<StoreView, UInt128, bool> isIn)
{
    /// <summary>The name of the request, as its answer is kept.</summary>
    public string Name => name;

    /// <summary>For the trace.</summary>
    public string What => what;

    /// <summary>None: repeating it is harmless by itself.</summary>
    public RequestId Request => request;

    public Func<WorkingTransaction, Result<UInt128>> Command => command;

    /// <summary>Whether the state right after the change shows what was asked for; given the object of the answer.</summary>
    public Func<StoreView, UInt128, bool> IsIn => isIn;

    /// <summary>The service or node that it is about; zero when it makes one.</summary>
    public UInt128 Object { get; init; }

    /// <summary>What it does to what clients see of the object; null: they do not look.</summary>
    public Func<ObjectState, HistoryStep<ObjectState>>? Effect { get; init; }

    public int Attempts { get; set; }

    public TimeSpan IssuedAfter { get; set; }

    /// <summary>What was in the history when it was issued: its effect comes later.</summary>
    public (ulong Incarnation, ulong Version) IssuedAt { get; set; }

    public bool IsAnswered { get; set; }

    /// <summary>When the client heard that it was done.</summary>
    public TimeSpan? HeardAt { get; set; }

    /// <summary>The object of the answer that was heard.</summary>
    public UInt128? Made { get; set; }

    public bool WasRefused { get; set; }

    /// <summary>The object when it succeeded.</summary>
    public Action<UInt128>? Succeeded { get; init; }

    /// <summary>Whatever came of it.</summary>
    public Action? Ended { get; init; }

    /// <summary>Goes on asking until there is an answer, for ever.</summary>
    public bool IsStubborn { get; init; }
}
