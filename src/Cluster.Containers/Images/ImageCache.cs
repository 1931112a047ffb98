namespace Cluster.Containers.Images;

/// <summary>Images by the digest of their target, which says all of them, so that entries cannot be out of date. Bounded; safe for any thread.</summary>
internal sealed class ImageCache
{
    private const int Capacity = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ImageLayers> _images = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    public ImageLayers? Get(string digest)
    {
        lock (_lock) return _images.GetValueOrDefault(digest);
    }

    public void Put(string digest, ImageLayers image)
    {
        lock (_lock)
        {
            if (!_images.TryAdd(digest, image)) return;
            _order.Enqueue(digest);
            if (_order.Count > Capacity) _images.Remove(_order.Dequeue());
        }
    }
}
