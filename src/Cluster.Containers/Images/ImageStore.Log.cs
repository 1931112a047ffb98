using Microsoft.Extensions.Logging;

namespace Cluster.Containers.Images;

internal sealed partial class ImageStore
{
    [LoggerMessage(LogLevel.Information, "image {Image} loaded ({Digest})")]
    private partial void LogLoaded(string image, string digest);

    [LoggerMessage(LogLevel.Warning, "the lease {Lease} could not be released; what it holds goes when it expires")]
    private partial void LogNotReleased(Exception exception, string lease);
}
