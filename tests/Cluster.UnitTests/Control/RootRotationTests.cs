using System.Collections.Immutable;
using Cluster.Control.Certificates;
using Cluster.Control.Commands;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Testing.Control;
using Xunit;

namespace Cluster.UnitTests.Control;

/// <summary>How the root is exchanged, by the rows alone.</summary>
public sealed class RootRotationTests
{
    private readonly ControlScene _scene = new();

    public RootRotationTests() => _scene.Change(t => t.Put(t.Cluster! with { Root = Root(0) }));

    [Fact]
    public void Ends_when_every_node_that_is_there_has_a_certificate_of_the_new_root()
    {
        NodeId first = _scene.AddNode("w1"), second = _scene.AddNode("w2");
        Begin(1);
        Renew(first);
        Assert.Equal(Root(0), Cluster.Root);
        Assert.NotNull(Cluster.Rotation);

        Renew(second);
        Assert.Equal((Root(1), new JoinSecrets(101, 201), 2UL), (Cluster.Root, Cluster.JoinSecrets, Cluster.RootGeneration));
        Assert.Null(Cluster.Rotation);
        Assert.Equal([new FormerRoot(Root(0).CertificateDer, Cross(1))], Cluster.FormerRoots);
    }

    [Fact]
    public void Does_not_wait_for_a_worker_that_is_down()
    {
        NodeId here = _scene.AddNode("w1"), away = _scene.AddNode("w2");
        Begin(1);
        Renew(here);
        Assert.NotNull(Cluster.Rotation);
        _scene.SetState(away, NodeState.Down);
        _scene.Settle();
        Assert.Equal(Root(1), Cluster.Root);
    }

    [Fact]
    public void Waits_for_a_manager_that_is_down_until_it_is_none_any_more()
    {
        NodeId manager = _scene.AddNode("m1", role: NodeRole.Manager);
        _scene.SetNode(manager, n => n with { Manager = new ManagerInfo(7, "m1:1"), Status = n.Status with { State = NodeState.Down } });
        Begin(1);
        Assert.NotNull(Cluster.Rotation);
        _scene.SetNode(manager, n => n with { Manager = null });
        _scene.Settle();
        Assert.Equal(Root(1), Cluster.Root);
    }

    [Fact]
    public void Another_rotation_takes_the_place_of_one_that_is_under_way()
    {
        NodeId node = _scene.AddNode("w1");
        Begin(1);
        _scene.SetNode(node, n => n with { Certificate = Of(Root(1), n) });
        _scene.Change(t => Assert.True(RootRotationCommands.Begin(t, Root(0).CertificateDer, Rotation(2), spec => spec).IsOk));
        _scene.Settle();
        Assert.Equal(Root(2), Cluster.Rotation!.Target);
        Assert.Equal(Root(0), Cluster.Root);

        Renew(node);
        Assert.Equal(Root(2), Cluster.Root);
        Assert.Equal([Root(0).CertificateDer], Cluster.FormerRoots.Select(root => root.CertificateDer), (a, b) => a.AsSpan().SequenceEqual(b.AsSpan()));
    }

    [Fact]
    public void Remembers_a_few_former_roots_and_the_way_from_each_to_the_present_one()
    {
        NodeId node = _scene.AddNode("w1");
        for (byte i = 1; i <= 5; i++)
        {
            Begin(i);
            Renew(node);
        }

        Assert.Equal(RootRotationCommands.MaxFormerRoots, Cluster.FormerRoots.Count);
        Assert.Equal([5, 4, 3], RootChain.CrossSignatures(Cluster).Select(der => (int)der[1]));
    }

    [Fact]
    public void Refuses_what_was_made_for_another_root_and_a_root_that_nobody_signs_for() => _scene.Change(t =>
    {
        Assert.Equal(RefusalKind.OutOfSequence, RootRotationCommands.Begin(t, Root(9).CertificateDer, Rotation(1), spec => spec).Refusal?.Kind);
        RootRotation keyless = new(new RootAuthority([1, 1], []), Cross(1), new JoinSecrets(1, 2));
        Assert.Equal(RefusalKind.Invalid, RootRotationCommands.Begin(t, Root(0).CertificateDer, keyless, spec => spec).Refusal?.Kind);
        Assert.True(t.IsEmpty);
        ExternalAuthority external = new("https://ca.example/sign", []);
        Assert.True(RootRotationCommands.Begin(t, Root(0).CertificateDer, keyless, spec => spec with { ExternalAuthorities = [external] }).IsOk);
        Assert.Equal(RefusalKind.Invalid, ClusterCommands.Update(t, t.Cluster!.Meta.Version, new ClusterSpec(), []).Refusal?.Kind);
    });

    [Fact]
    public void Gives_no_certificate_that_was_signed_for_something_else()
    {
        NodeId node = _scene.AddNode("w1");
        _scene.Change(t =>
        {
            Assert.Equal(RefusalKind.OutOfSequence, NodeAdmission.Renew(t, node, [9], new Nothing()).Refusal?.Kind);
            Assert.True(t.IsEmpty);
        });
    }

    [Fact]
    public void Renews_an_outdated_certificate_only_with_the_key_that_the_row_knows()
    {
        NodeId node = _scene.AddNode("w1");
        byte[] key = [1, 2, 3];
        _scene.SetNode(node, n => n with { Certificate = n.Certificate with { PublicKeyDigest = PublicKeyDigest.Of(key) } });
        _scene.Change(t =>
        {
            Assert.Equal(RefusalKind.PermissionDenied, NodeAdmission.Renew(t, node, [9], new Something(), isOutdated: true).Refusal?.Kind);
            Assert.True(t.IsEmpty);
            Assert.True(NodeAdmission.Renew(t, node, key, new Something(), isOutdated: true).IsOk);
        });
    }

    private ClusterRecord Cluster => _scene.State.Cluster!;

    private void Begin(byte target)
    {
        _scene.Do(t => RootRotationCommands.Begin(t, Cluster.Root.CertificateDer, Rotation(target), spec => spec));
        _scene.Settle();
    }

    /// <summary>As the authority does it: with a certificate of the root that issues now.</summary>
    private void Renew(NodeId id)
    {
        _scene.SetNode(id, n => n with { Certificate = Of(RootChain.Issuing(Cluster), n) });
        _scene.Settle();
    }

    private static NodeCertificate Of(RootAuthority root, NodeRecord node) => node.Certificate with { IssuerDigest = RootAuthority.DigestOf(root.CertificateDer) };

    private static RootAuthority Root(byte number) => new([0, number], [1]);

    private static ImmutableArray<byte> Cross(byte number) => [77, number];

    private static RootRotation Rotation(byte target) => new(Root(target), Cross(target), new JoinSecrets((UInt128)(100 + target), (UInt128)(200 + target)));

    private sealed class Nothing : ICertificateIssuer
    {
        public ImmutableArray<byte> Issue(ReadOnlySpan<byte> subjectPublicKeyInfoDer, NodeId node, NodeRole role, ClusterId cluster) => [];
    }

    private sealed class Something : ICertificateIssuer
    {
        public ImmutableArray<byte> Issue(ReadOnlySpan<byte> subjectPublicKeyInfoDer, NodeId node, NodeRole role, ClusterId cluster) => [1];
    }
}
