namespace Cluster.Model.Specs;

/// <summary>Only <c>json-file</c> (the default) and <c>none</c>; options <c>max-size</c>, <c>max-file</c>.</summary>
public sealed record LogDriver(string Name, Labels Options);
