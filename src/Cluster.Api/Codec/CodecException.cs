namespace Cluster.Api.Codec;

/// <summary>
/// A message that does not say something well-formed. The text names the field, what is wrong with it, and what is allowed, and can
/// be shown to whoever sent the message.
/// </summary>
public sealed class CodecException(string field, string problem) : Exception($"{field}: {problem}")
{
    /// <summary>The path of the field in the message, such as <c>spec.container.mounts[1].type</c>.</summary>
    public string Field { get; } = field;

    public string Problem { get; } = problem;

    /// <summary>The same, seen from the message that holds the one in question.</summary>
    internal CodecException Within(string parent) => new(Field.Length == 0 ? parent : $"{parent}.{Field}", Problem);
}
