using Cluster.Agent.Runtime;
using Grpc.Core;

namespace Cluster.Agent.Images;

/// <summary>The node's images as a service for whoever has a server.</summary>
public static class ImageServices
{
    public static ServerServiceDefinition Bind(IImageStore images) => Api.V1.Images.BindService(new ImageService(images));
}
