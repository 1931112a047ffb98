namespace Cluster.Model.Placement;

/// <summary>The two families of names for one architecture, the kernel's and Go's, brought to Go's, as images use them.</summary>
public static class PlatformNames
{
    public static string Architecture(string name) => name.ToLowerInvariant() switch
    {
        "x86_64" or "x64" => "amd64",
        "aarch64" => "arm64",
        "i386" or "i686" or "x86" => "386",
        "armv7l" or "armhf" => "arm",
        string other => other,
    };
}
