using Cluster.Agent.Runtime;
using Cluster.Containers;
using Cluster.Containers.Containerd;
using Grpc.Core;
using Xunit;

namespace Cluster.UnitTests.Containers;

public sealed class ContainerdFailureTests
{
    [Theory]
    [InlineData("failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/x\": no such file: unknown", false, "exec: \"/x\": no such file")]
    [InlineData("failed to create shim task: OCI runtime create failed: runc create failed: cannot allocate memory: unknown", true, "cannot allocate memory")]
    [InlineData("connection refused", true, "connection refused")]
    public void Says_whose_fault_it_is(string detail, bool isTemporary, string message)
    {
        RuntimeException error = ContainerdFailure.Of("do", new RpcException(new Status(StatusCode.Unknown, detail)));
        Assert.Equal(isTemporary, error.IsTemporary);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("shim task", isTemporary ? "" : error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_no_socket_can_have_is_refused()
    {
        ContainerEngineOptions options = new() { StateDirectory = "/s", RunDirectory = "/" + new string('x', 100) };
        Assert.Contains("shorter run directory", Assert.Throws<ArgumentException>(() => new ContainerdPaths(options)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ContainerdPaths(options with { RunDirectory = "relative" }));
    }

    [Fact]
    public void The_configuration_names_this_nodes_paths_and_quotes_them()
    {
        string text = ContainerdConfig.Render(new ContainerdPaths(new ContainerEngineOptions { StateDirectory = "/var/a\"b", RunDirectory = "/run/c" }));
        Assert.Contains("root = \"/var/a\\\"b/containerd\"", text, StringComparison.Ordinal);
        Assert.Contains("address = \"/run/c/containerd/containerd.sock\"", text, StringComparison.Ordinal);
        Assert.Contains("\"io.containerd.grpc.v1.cri\"", text, StringComparison.Ordinal);
    }
}
