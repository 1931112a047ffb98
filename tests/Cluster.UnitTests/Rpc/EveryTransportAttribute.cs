using System.Reflection;
using Xunit.Sdk;

namespace Cluster.UnitTests.Rpc;

/// <summary>Runs a theory once for each transport.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EveryTransportAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Enum.GetValues<Transport>().Select(transport => new object[] { transport });
}
