using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Google.Protobuf;

namespace Cluster.Api.Codec;

/// <summary>The cluster's row: with its secrets for the log and the snapshots, without them for answers.</summary>
public static class ClusterCodec
{
    /// <summary>What may leave the managers.</summary>
    public static V1.ClusterInfo ToPublicProto(this ClusterRecord model) => new()
    {
        Id = model.Id.ToString(),
        Meta = model.Meta.ToProto(),
        Spec = model.Spec.ToProto(),
        RootCertificateDer = model.Root.CertificateDer.ToProto(),
        FeatureLevel = model.FeatureLevel,
        NextRootCertificateDer = model.Rotation is { } rotation ? rotation.Target.CertificateDer.ToProto() : ByteString.Empty,
        RootKeyAbsent = !model.Root.HasKey,
    };

    /// <summary>With the root key, the join secrets and the unlock key.</summary>
    public static Storage.Cluster ToStorageProto(this ClusterRecord model) => new()
    {
        Id = model.Id.ToString(),
        Meta = model.Meta.ToProto(),
        Spec = model.Spec.ToProto(),
        RootCertificateDer = model.Root.CertificateDer.ToProto(),
        RootKeyPkcs8 = model.Root.KeyPkcs8.ToProto(),
        WorkerJoinSecret = FieldReader.ToBytes(model.JoinSecrets.Worker),
        ManagerJoinSecret = FieldReader.ToBytes(model.JoinSecrets.Manager),
        FeatureLevel = model.FeatureLevel,
        UnlockKey = model.Lock.UnlockKey.ToProto(),
        LockGeneration = model.Lock.Generation,
        Rotation = model.Rotation is null ? null : ToProto(model.Rotation),
        FormerRoots = { model.FormerRoots.Select(root => new Storage.FormerRoot { CertificateDer = root.CertificateDer.ToProto(), CrossSignedDer = root.CrossSignedDer.ToProto() }) },
        RootGeneration = model.RootGeneration,
    };

    /// <exception cref="FeatureLevelException">The state is newer than this build.</exception>
    public static ClusterRecord ToModel(this Storage.Cluster proto) => proto.FeatureLevel > FeatureLevels.Supported ? throw new FeatureLevelException(proto.FeatureLevel) : new()
    {
        Id = FieldReader.RequiredClusterId(proto.Id, "id"),
        Meta = FieldReader.OrDefault(proto.Meta, "meta", MetaCodec.ToModel, default),
        Spec = FieldReader.OrDefault(proto.Spec, "spec", SpecCodec.ToModel, new ClusterSpec()),
        Root = new RootAuthority(proto.RootCertificateDer.ToModel(), proto.RootKeyPkcs8.ToModel()),
        JoinSecrets = new JoinSecrets(
            FieldReader.Number128(proto.WorkerJoinSecret, "worker_join_secret"),
            FieldReader.Number128(proto.ManagerJoinSecret, "manager_join_secret")),
        FeatureLevel = proto.FeatureLevel,
        Lock = new ClusterLock(proto.LockGeneration, proto.UnlockKey.ToModel()),
        Rotation = FieldReader.OrDefault<Storage.RootRotation, RootRotation?>(proto.Rotation, "rotation", ToModel, null),
        FormerRoots = FieldReader.List(proto.FormerRoots, "former_roots", static root => new FormerRoot(root.CertificateDer.ToModel(), root.CrossSignedDer.ToModel())),
        RootGeneration = proto.RootGeneration,
    };

    private static Storage.RootRotation ToProto(RootRotation model) => new()
    {
        CertificateDer = model.Target.CertificateDer.ToProto(),
        KeyPkcs8 = model.Target.KeyPkcs8.ToProto(),
        CrossSignedDer = model.CrossSignedDer.ToProto(),
        WorkerJoinSecret = FieldReader.ToBytes(model.JoinSecrets.Worker),
        ManagerJoinSecret = FieldReader.ToBytes(model.JoinSecrets.Manager),
    };

    private static RootRotation ToModel(Storage.RootRotation proto) => new(
        new RootAuthority(proto.CertificateDer.ToModel(), proto.KeyPkcs8.ToModel()),
        proto.CrossSignedDer.ToModel(),
        new JoinSecrets(FieldReader.Number128(proto.WorkerJoinSecret, "worker_join_secret"), FieldReader.Number128(proto.ManagerJoinSecret, "manager_join_secret")));
}
