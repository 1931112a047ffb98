namespace Cluster.Containers.Images;

/// <summary>
/// Image references in the full form under which containerd keeps them (<c>docker.io/library/web:1</c>), and in the form that people
/// write (<c>web:1</c>). Docker's rules: a first part without a dot, colon or "localhost" is no registry.
/// </summary>
internal static class ImageName
{
    private const string DefaultRegistry = "docker.io", OfficialPrefix = "library/", DefaultTag = "latest";

    /// <summary>The full form; a digest is cut off and given apart, empty when there is none.</summary>
    /// <exception cref="FormatException">It is not an image reference.</exception>
    public static (string Name, string Digest) Normalize(string reference)
    {
        int at = reference.IndexOf('@', StringComparison.Ordinal);
        string digest = at < 0 ? "" : reference[(at + 1)..];
        string name = at < 0 ? reference : reference[..at];
        if (digest.Length > 0 && !BlobDigest.IsValid(digest)) throw new FormatException($"'{reference}' has no valid digest after the @");
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? "" : name[..slash];
        bool hasRegistry = first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first.Equals("localhost", StringComparison.Ordinal);
        string registry = hasRegistry ? first : DefaultRegistry;
        string path = hasRegistry ? name[(slash + 1)..] : name;
        int colon = path.LastIndexOf(':');
        bool hasTag = colon > path.LastIndexOf('/');
        string tag = hasTag ? path[(colon + 1)..] : DefaultTag;
        if (hasTag) path = path[..colon];
        if (registry.Equals(DefaultRegistry, StringComparison.Ordinal) && !path.Contains('/', StringComparison.Ordinal)) path = OfficialPrefix + path;
        if (!IsPath(path) || !IsTag(tag)) throw new FormatException($"'{reference}' is not an image reference, such as lab/web:1");
        return ($"{registry}/{path}:{tag}", digest);
    }

    /// <summary>The short form of a name in full form; others are given back as they are.</summary>
    public static string Shorten(string name)
    {
        if (!name.StartsWith(DefaultRegistry + "/", StringComparison.Ordinal)) return name;
        string rest = name[(DefaultRegistry.Length + 1)..];
        return rest.StartsWith(OfficialPrefix, StringComparison.Ordinal) ? rest[OfficialPrefix.Length..] : rest;
    }

    private static bool IsPath(string path) =>
        path.Length is > 0 and <= 255
        && path.Split('/').All(part => part.Length > 0 && char.IsAsciiLetterOrDigit(part[0]) && part.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-'));

    private static bool IsTag(string tag) =>
        tag.Length is > 0 and <= 128 && tag[0] is not ('.' or '-') && tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
