namespace Cluster.Node.Keys;

/// <summary>The key store cannot be read: the message says which file, why, and what to do.</summary>
public sealed class KeyStoreException(string message, Exception? cause = null) : Exception(message, cause);
