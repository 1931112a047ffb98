namespace Cluster.Model;

/// <summary>Why an expected refusal happened; each has one gRPC status (see Manager).</summary>
public enum RefusalKind
{
    /// <summary>The request itself is wrong; it would be refused in any state.</summary>
    Invalid,
    NotFound,
    AlreadyExists,

    /// <summary>The state forbids it now.</summary>
    FailedPrecondition,

    /// <summary>The object changed since the version that the request names.</summary>
    OutOfSequence,
    PermissionDenied,
    LimitExceeded,

    /// <summary>Not built yet, said plainly.</summary>
    Unsupported,
}

/// <summary>An expected refusal: says what was refused, why, and what to do.</summary>
public sealed record Refusal(RefusalKind Kind, string Message)
{
    public static Refusal Invalid(string message) => new(RefusalKind.Invalid, message);

    public static Refusal NotFound(string message) => new(RefusalKind.NotFound, message);

    public static Refusal AlreadyExists(string message) => new(RefusalKind.AlreadyExists, message);

    public static Refusal FailedPrecondition(string message) => new(RefusalKind.FailedPrecondition, message);

    public static Refusal Unsupported(string message) => new(RefusalKind.Unsupported, message);
}

/// <summary>A value or the refusal that stands in its place.</summary>
public readonly struct Result<T>
{
    private readonly T? _value;

    private Result(T? value, Refusal? refusal) => (_value, Refusal) = (value, refusal);

    public Refusal? Refusal { get; }

    public bool IsOk => Refusal is null;

    public T Value => Refusal is null ? _value! : throw new InvariantException($"a refused result has no value: {Refusal.Message}");

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Refusal refusal) => new(default, refusal);
}
