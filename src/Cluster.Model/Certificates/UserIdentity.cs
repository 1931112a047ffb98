using System.Security.Cryptography.X509Certificates;
using Cluster.Model.Ids;

namespace Cluster.Model.Certificates;

/// <summary>What a person's certificate allows.</summary>
public enum UserRole
{
    /// <summary>To look.</summary>
    Reader,

    /// <summary>To look and to change.</summary>
    Operator,
}

/// <summary>
/// Whom a person's certificate speaks for: CN is the name, OU the role, O the cluster id. Reading proves nothing: the chain is checked by
/// <see cref="ClusterTrust"/>.
/// </summary>
public sealed record UserIdentity(ClusterId ClusterId, string Name, UserRole Role)
{
    public const int MaxNameLength = 64;

    private const string ReaderUnit = "cluster-reader";
    private const string OperatorUnit = "cluster-operator";

    /// <summary>Null: the name will do.</summary>
    public static Refusal? CheckName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@') && char.IsAsciiLetterOrDigit(name[0])
            ? null
            : Refusal.Invalid($"name: '{name}' is not a user's name; allowed are 1-{MaxNameLength} letters, digits, '.', '_', '-' and '@', beginning with a letter or digit");

    public static string UnitOf(UserRole role) => role == UserRole.Operator ? OperatorUnit : ReaderUnit;

    public X500DistinguishedName ToSubject() => CertificateSubject.Of(ClusterId, UnitOf(Role), Name);

    /// <summary>Null for a certificate that is not a person's: a part is missing, doubled or malformed.</summary>
    public static UserIdentity? TryRead(X509Certificate2 certificate)
    {
        if (CertificateSubject.TryRead(certificate) is not { } subject) return null;
        UserRole? role = subject.Unit switch { OperatorUnit => UserRole.Operator, ReaderUnit => UserRole.Reader, _ => null };
        return role is not null && CheckName(subject.Name) is null ? new UserIdentity(subject.ClusterId, subject.Name, role.Value) : null;
    }
}
