using System.Security.Cryptography.X509Certificates;
using Cluster.Model.Ids;

namespace Cluster.Model.Certificates;

/// <summary>The subject of the cluster's certificates: O is the cluster id, OU the kind of holder, CN its name.</summary>
internal readonly record struct CertificateSubject(ClusterId ClusterId, string Unit, string Name)
{
    private const string CommonNameOid = "2.5.4.3";
    private const string OrganizationOid = "2.5.4.10";
    private const string OrganizationalUnitOid = "2.5.4.11";

    public static X500DistinguishedName Of(ClusterId clusterId, string unit, string name)
    {
        X500DistinguishedNameBuilder builder = new();
        builder.AddOrganizationName(clusterId.ToString());
        builder.AddOrganizationalUnitName(unit);
        builder.AddCommonName(name);
        return builder.Build();
    }

    /// <summary>Null when a part is missing, doubled or malformed, or there are others.</summary>
    public static CertificateSubject? TryRead(X509Certificate2 certificate)
    {
        string? organization = null, unit = null, name = null;
        foreach (X500RelativeDistinguishedName part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements) return null;
            switch (part.GetSingleElementType().Value)
            {
                case OrganizationOid when organization is null: organization = part.GetSingleElementValue(); break;
                case OrganizationalUnitOid when unit is null: unit = part.GetSingleElementValue(); break;
                case CommonNameOid when name is null: name = part.GetSingleElementValue(); break;
                default: return null;
            }
        }

        return ClusterId.TryParse(organization, out ClusterId cluster) && !cluster.IsNone && unit is not null && name is not null ? new CertificateSubject(cluster, unit, name) : null;
    }
}
