using System.Collections.Immutable;
using Cluster.Control.Certificates;
using Cluster.Control.Commands;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;
using Cluster.Testing.Control;
using Xunit;

namespace Cluster.UnitTests.Control;

public sealed class NodeAdmissionTests
{
    private static readonly byte[] Key = [1, 2, 3];

    private readonly ControlScene _scene = new();

    [Theory]
    [InlineData(11, NodeRole.Worker)]
    [InlineData(22, NodeRole.Manager)]
    public void Token_decides_the_role(int secret, NodeRole role)
    {
        NodeRecord node = _scene.Do(t => Admit(t, secret));
        Assert.Equal((role, role, NodeState.Unknown), (node.Spec.Role, node.Certificate.Role, node.Status.State));
        Assert.Equal($"{node.Id} {role} {_scene.State.Cluster!.Id}", System.Text.Encoding.ASCII.GetString(node.Certificate.CertificateDer.AsSpan()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    public void Wrong_token_is_refused_and_leaves_nothing(int secret) => _scene.Change(t =>
    {
        Assert.Equal(RefusalKind.PermissionDenied, Admit(t, secret).Refusal?.Kind);
        Assert.True(t.IsEmpty);
    });

    [Fact]
    public void Same_key_again_is_the_same_node_in_one_row()
    {
        NodeRecord first = _scene.Do(t => Admit(t, 11));
        NodeRecord second = _scene.Do(t => Admit(t, 11));
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(1, _scene.State.NodeCount);
        _scene.Change(t => Assert.Equal(RefusalKind.FailedPrecondition, Admit(t, 22).Refusal?.Kind));
    }

    [Fact]
    public void Renews_for_a_node_of_the_cluster_and_not_for_a_removed_one()
    {
        NodeRecord node = _scene.Do(t => Admit(t, 11));
        NodeRecord renewed = _scene.Do(t => NodeAdmission.Renew(t, node.Id, [9, 9], new PlainIssuer()));
        Assert.Equal((node.Id, NodeRole.Worker), (renewed.Id, renewed.Certificate.Role));
        Assert.Equal(node.Id, _scene.State.FindNodeByPublicKey(PublicKeyDigest.Of([9, 9]).AsSpan())?.Id);
        _scene.Change(t => Assert.True(NodeCommands.Remove(t, node.Id, force: true).IsOk));
        _scene.Change(t => Assert.Equal(RefusalKind.PermissionDenied, NodeAdmission.Renew(t, node.Id, [9, 9], new PlainIssuer()).Refusal?.Kind));
    }

    [Fact]
    public void Nobody_renews_with_another_nodes_key()
    {
        NodeRecord node = _scene.Do(t => Admit(t, 11));
        NodeId other = _scene.AddNode();
        _scene.Change(t => Assert.Equal(RefusalKind.PermissionDenied, NodeAdmission.Renew(t, other, Key, new PlainIssuer()).Refusal?.Kind));
        Assert.NotEqual(node.Id, other);
    }

    private Result<NodeRecord> Admit(WorkingTransaction transaction, int secret) =>
        NodeAdmission.Admit(transaction, new AdmissionRequest { SubjectPublicKeyInfoDer = Key, TokenSecret = (UInt128)secret }, new PlainIssuer(), _scene.Ids);

    private sealed class PlainIssuer : ICertificateIssuer
    {
        public ImmutableArray<byte> Issue(ReadOnlySpan<byte> subjectPublicKeyInfoDer, NodeId node, NodeRole role, ClusterId cluster) =>
            [.. System.Text.Encoding.ASCII.GetBytes($"{node} {role} {cluster}")];
    }
}
