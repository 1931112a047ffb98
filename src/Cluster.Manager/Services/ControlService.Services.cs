using Cluster.Api.Codec;
using Cluster.Api.Errors;
using Cluster.Api.V1;
using Cluster.Control.Commands;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store;
using Grpc.Core;

namespace Cluster.Manager.Services;

internal sealed partial class ControlService
{
    public override Task<GetServiceResponse> GetService(GetServiceRequest request, ServerCallContext context) => ReadAsync(context, view =>
    {
        ServiceRecord service = Lookup.Service(view, request.Service).OrThrow();
        return new GetServiceResponse { Service = service.ToProto(), Counts = Count(view, service) };
    });

    public override Task<ListServicesResponse> ListServices(ListServicesRequest request, ServerCallContext context) => ReadAsync(context, view =>
    {
        if (!ServiceId.TryParse(request.AfterServiceId, out ServiceId after)) throw Replies.Refused(RefusalKind.Invalid, $"after_service_id: '{request.AfterServiceId}' is not an id");
        ListPage<ServiceRecord, Service> page = ListPage.Of(view.Services.SkipWhile(service => service.Id.CompareTo(after) <= 0 && !after.IsNone), request.Limit, MaxListedServices, service => service.ToProto());
        ListServicesResponse response = new() { Services = { page.Items }, NextAfterServiceId = page.HasMore ? page.Items[^1].Id : "" };
        response.Counts.Add(page.Rows.Select(service => Count(view, service)));
        return response;
    });

    public override Task<CreateServiceResponse> CreateService(CreateServiceRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        if (request.Spec is null) throw Replies.Refused(RefusalKind.Invalid, "spec: missing");
        RequestId requestId = ReadRequestId(request.RequestId);
        Model.Specs.ServiceSpec spec = request.Spec.ToModel();
        ServiceRecord service = (await control.SubmitAsync(ActorOf(context), requestId, ServiceCommands.CreateRequest, tx => ServiceCommands.Create(tx, spec, ids), context.CancellationToken)).OrThrow();
        return new CreateServiceResponse { Service = service.ToProto() };
    });

    public override Task<UpdateServiceResponse> UpdateService(UpdateServiceRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        if (request.Spec is null) throw Replies.Refused(RefusalKind.Invalid, "spec: missing");
        ServiceId id = ReadServiceId(request.ServiceId);
        RequestId requestId = ReadRequestId(request.RequestId);
        Model.Specs.ServiceSpec spec = request.Spec.ToModel();
        ServiceRecord service = (await control.SubmitAsync(ActorOf(context), requestId, ServiceCommands.UpdateRequest, tx => ServiceCommands.Update(tx, id, request.Version, spec), context.CancellationToken)).OrThrow();
        return new UpdateServiceResponse { Service = service.ToProto() };
    });

    public override Task<RemoveServiceResponse> RemoveService(RemoveServiceRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        ServiceId id = ReadServiceId(request.ServiceId);
        RequestId requestId = ReadRequestId(request.RequestId);
        (await control.SubmitAsync(ActorOf(context), requestId, ServiceCommands.RemoveRequest, tx => ServiceCommands.Remove(tx, id), context.CancellationToken)).OrThrow();
        return new RemoveServiceResponse();
    });

    private static Api.V1.ServiceCounts Count(StoreSnapshot view, ServiceRecord service)
    {
        Control.Commands.ServiceCounts counts = Control.Commands.ServiceCounts.Of(view, service);
        return new Api.V1.ServiceCounts { Desired = counts.Desired, Running = counts.Running };
    }

    private static ServiceId ReadServiceId(string text) =>
        ServiceId.TryParse(text, out ServiceId id) && !id.IsNone ? id : throw Replies.Refused(RefusalKind.Invalid, $"service_id: '{text}' is not an id (25 base-36 digits)");
}
