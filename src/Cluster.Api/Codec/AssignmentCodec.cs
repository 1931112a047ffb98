using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Api.Codec;

/// <summary>Task assignments. Their template travels apart, once, and is put in again on the other side.</summary>
public static class AssignmentCodec
{
    public static V1.TaskAssignment ToProto(this TaskAssignment model) => new()
    {
        TaskId = model.TaskId.ToString(),
        TemplateId = model.Template.Id.ToString(),
        ServiceId = model.ServiceId.ToString(),
        ServiceName = model.ServiceName,
        ServiceLabels = { model.ServiceLabels.Items },
        Slot = model.Slot,
        DesiredState = model.DesiredState.ToProto(),
        HostPorts = { model.HostPorts.Select(TaskCodec.ToProto) },
        ObservedState = model.ObservedState.ToProto(),
    };

    /// <param name="proto">The message.</param>
    /// <param name="template">Finds a template that came along or is held already; null when there is none, which is an error.</param>
    public static TaskAssignment ToModel(this V1.TaskAssignment proto, Func<TemplateId, TaskTemplate?> template)
    {
        TemplateId templateId = FieldReader.RequiredTemplateId(proto.TemplateId, "template_id");
        return new TaskAssignment
        {
            TaskId = FieldReader.RequiredTaskId(proto.TaskId, "task_id"),
            ServiceId = FieldReader.RequiredServiceId(proto.ServiceId, "service_id"),
            ServiceName = proto.ServiceName,
            ServiceLabels = FieldReader.Map(proto.ServiceLabels),
            Slot = proto.Slot,
            Template = template(templateId) ?? throw new CodecException("template_id", $"template {templateId} was not sent and is not held"),
            DesiredState = proto.DesiredState.ToModel("desired_state"),
            ObservedState = proto.ObservedState.ToModel("observed_state"),
            HostPorts = FieldReader.List(proto.HostPorts, "host_ports", TaskCodec.ToModel),
        };
    }
}
