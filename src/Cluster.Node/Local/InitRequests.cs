using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Node.Lifecycle;

namespace Cluster.Node.Local;

internal static class InitRequests
{
    public static Result<InitSettings> Read(InitRequest request)
    {
        try
        {
            return new InitSettings(
                request.AdvertiseAddress,
                request.ListenAddress.Length == 0 ? NodeAddresses.DefaultListen : request.ListenAddress,
                request.Availability.ToModelOrActive("availability"),
                request.Spec?.ToModel() ?? new())
            {
                Root = request.RootCertificateDer.IsEmpty ? null : new RootAuthority(request.RootCertificateDer.ToModel(), request.RootKeyPkcs8.ToModel()),
            };
        }
        catch (CodecException e)
        {
            return Refusal.Invalid(e.Message);
        }
    }
}
