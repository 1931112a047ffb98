namespace Cluster.Containers.Images;

/// <summary>The archive or a document in it is not what it must be; the text is for the user who made it.</summary>
internal sealed class ImageFormatException(string message, Exception? cause = null) : Exception(message, cause);
