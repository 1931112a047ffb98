namespace Cluster.Model.Parsing;

/// <summary>
/// An image reference, <c>[domain/]path[:tag][@digest]</c>, by the grammar of distribution/reference. Without tag and digest the
/// tag is <c>latest</c>; without a domain it is Docker's, whose official images are below <c>library/</c>.
/// </summary>
public sealed record ImageReference
{
    public const string DefaultTag = "latest";

    private const string DefaultDomain = "docker.io";
    private const string OfficialPath = "library/";
    private const int LongestName = 255;
    private const int LongestTag = 128;

    private ImageReference(string domain, string path, string? tag, string? digest) => (Domain, Path, Tag, Digest) = (domain, path, tag, digest);

    /// <summary>Such as <c>docker.io</c> or <c>registry.example.org:5000</c>.</summary>
    public string Domain { get; }

    /// <summary>Such as <c>library/nginx</c>.</summary>
    public string Path { get; }

    public string? Tag { get; }

    /// <summary>Such as <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public string? Digest { get; }

    /// <summary>In full: equal references have equal texts here.</summary>
    public string Canonical => $"{Domain}/{Path}{Suffix}";

    /// <summary>As people write it: without Docker's domain and <c>library/</c>, always with a tag or digest.</summary>
    public string Familiar => FamiliarName + Suffix;

    /// <summary>The familiar name without tag and digest.</summary>
    public string FamiliarName => Domain != DefaultDomain ? $"{Domain}/{Path}"
        : Path.StartsWith(OfficialPath, StringComparison.Ordinal) && Path.IndexOf('/', OfficialPath.Length) < 0 ? Path[OfficialPath.Length..] : Path;

    private string Suffix => (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    public static Result<ImageReference> Parse(string text)
    {
        string rest = text;
        string? digest = null;
        int at = rest.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            digest = rest[(at + 1)..];
            rest = rest[..at];
            if (!IsDigest(digest)) return Refusal.Invalid($"image '{text}': after the @ comes a digest, sha256: and 64 hexadecimal digits");
        }

        string? tag = null;
        int colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf('/'))
        {
            tag = rest[(colon + 1)..];
            rest = rest[..colon];
            if (!IsTag(tag)) return Refusal.Invalid($"image '{text}': the tag '{tag}' has characters that are not allowed (allowed: letters, digits, _ . -, at most {LongestTag})");
        }

        (string domain, string path) = SplitDomain(rest);
        if (rest.Length > LongestName || !IsDomain(domain) || !IsPath(path))
            return Refusal.Invalid($"image '{text}' is not an image reference: write [registry/]name[:tag], the name in lower case, such as lab/web:1");
        return new ImageReference(domain, path, tag is null && digest is null ? DefaultTag : tag, digest);
    }

    public override string ToString() => Familiar;

    private static (string Domain, string Path) SplitDomain(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? "" : name[..slash];
        bool isDomain = first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost";
        (string domain, string path) = isDomain ? (first, name[(slash + 1)..]) : (DefaultDomain, name);
        if (domain == "index.docker.io") domain = DefaultDomain;
        return (domain, domain == DefaultDomain && !path.Contains('/', StringComparison.Ordinal) ? OfficialPath + path : path);
    }

    private static bool IsDomain(string domain) => domain.Length > 0 && domain.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']');

    private static bool IsPath(string path) => path.Split('/').All(IsComponent);

    /// <summary>Lower-case letters and digits, with separators (one dot, one or two underscores, hyphens) only between them.</summary>
    private static bool IsComponent(string component)
    {
        if (component.Length == 0 || !IsAlphanumeric(component[0]) || !IsAlphanumeric(component[^1])) return false;
        return component.All(c => IsAlphanumeric(c) || c is '.' or '_' or '-')
            && !component.Contains("..", StringComparison.Ordinal)
            && !component.Contains("___", StringComparison.Ordinal);
    }

    private static bool IsAlphanumeric(char c) => c is >= 'a' and <= 'z' or >= '0' and <= '9';

    private static bool IsTag(string tag) =>
        tag.Length is > 0 and <= LongestTag && tag[0] is not ('.' or '-') && tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    private static bool IsDigest(string digest) =>
        digest.Length == 71 && digest.StartsWith("sha256:", StringComparison.Ordinal) && digest.Skip(7).All(char.IsAsciiHexDigitLower);
}
