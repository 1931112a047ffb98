namespace Cluster.Model.Certificates;

/// <summary>What a certificate is worth in a cluster.</summary>
public enum CertificateStanding
{
    /// <summary>Nothing: another's, not valid now, or none.</summary>
    None,

    /// <summary>A root that the cluster had before vouches for it: its holder may ask for a new one.</summary>
    Former,

    /// <summary>A root of the cluster vouches for it by way of another one: the issuer is not known here (yet, or any more).</summary>
    Indirect,

    /// <summary>A root of the cluster issued it.</summary>
    Direct,
}
