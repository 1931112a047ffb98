"""Calls every control method, a watch and an error case with grpcio, over mutual TLS, from the files in proto/.

usage: control_client.py HOST:PORT CERTIFICATE KEY ROOT DESCRIPTORS; the last line is "ok N methods".
"""
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def messages(pool):
    """The class of a message descriptor, in old and new versions of python3-protobuf."""
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass
    return message_factory.MessageFactory(pool).GetPrototype


class Caller:
    def __init__(self, channel, descriptors):
        self.channel = channel
        self.pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors).file:
            self.pool.Add(file)
        self.message = messages(self.pool)
        self.called = set()

    def method(self, name):
        service, method = name.rsplit("/", 1)
        return self.pool.FindServiceByName(service).FindMethodByName(method)

    def call(self, name, /, kind="unary_unary", **fields):
        method = self.method(name)
        self.called.add(method.name)
        stub = getattr(self.channel, kind)(
            "/" + name,
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=self.message(method.output_type).FromString,
        )
        return stub(self.message(method.input_type)(**fields), timeout=60)


def request_id(number):
    return str(number).rjust(25, "0")


def main():
    address, certificate, key, root, descriptors = sys.argv[1:]
    read = lambda path: open(path, "rb").read()
    channel = grpc.secure_channel(
        address,
        grpc.ssl_channel_credentials(read(root), read(key), read(certificate)),
        [("grpc.ssl_target_name_override", "cluster-manager")],
    )
    c = Caller(channel, read(descriptors))
    control = "cluster.v1.Control/"

    cluster = c.call(control + "GetCluster").cluster
    assert len(cluster.id) == 25, cluster
    assert c.call(control + "GetJoinTokens").worker.startswith("SWMTKN-1-")

    cluster.spec.task_history_limit = 2
    cluster = c.call(control + "UpdateCluster", request_id=request_id(8), version=cluster.meta.version, spec=cluster.spec).cluster
    assert cluster.spec.task_history_limit == 2, cluster

    try:
        c.call(control + "GetUnlockKey")
        raise AssertionError("autolock is off")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.FAILED_PRECONDITION, error
    cluster.spec.autolock = True
    c.call(control + "UpdateCluster", request_id=request_id(10), version=cluster.meta.version, spec=cluster.spec)
    unlock = c.call(control + "GetUnlockKey").unlock_key
    rotated = c.call(control + "RotateUnlockKey", request_id=request_id(11)).unlock_key
    assert unlock.startswith("SWMKEY-1-") and rotated.startswith("SWMKEY-1-") and unlock != rotated

    before = c.call(control + "GetJoinTokens")
    after = c.call(control + "RotateJoinToken", request_id=request_id(9), role=1)
    assert after.worker != before.worker and after.manager == before.manager

    begun = c.call(control + "RotateRoot", request_id=request_id(30))
    authority = c.call(control + "DescribeAuthority")
    assert authority.next_root_certificate_der == begun.certificate_der and authority.nodes == 1 and authority.rotated == 0, authority

    nodes = c.call(control + "ListNodes").nodes
    assert len(nodes) == 1 and nodes[0].leader, nodes
    node = c.call(control + "GetNode", node="self").node
    node.spec.labels["disk"] = "ssd"
    updated = c.call(control + "UpdateNode", request_id=request_id(1), node_id=node.id, version=node.meta.version, spec=node.spec).node
    assert updated.spec.labels["disk"] == "ssd"

    watch = c.call("cluster.v1.Watch/Watch", kind="unary_stream")
    start = next(watch).version
    spec = {"name": "web", "replicas": 2, "container": {"image": "lab/web:1"}}
    service = c.call(control + "CreateService", request_id=request_id(2), spec=spec).service
    again = c.call(control + "CreateService", request_id=request_id(2), spec=spec).service
    assert service.id == again.id, "the same request must give the same service"
    seen = next(event for batch in watch for event in batch.events if event.HasField("service"))
    assert seen.service.id == service.id and service.meta.version > start
    watch.cancel()

    assert c.call(control + "GetService", service="web").counts.desired == 2
    assert [s.id for s in c.call(control + "ListServices").services] == [service.id]
    service = c.call(control + "GetService", service="web").service
    service.spec.replicas = 3
    c.call(control + "UpdateService", request_id=request_id(3), service_id=service.id, version=service.meta.version, spec=service.spec)
    # The answer is to the change of the service; what follows from it comes with the kernel's next pass.
    tasks = []
    for _ in range(1000):
        tasks = c.call(control + "ListTasks", service_id=service.id).tasks
        if len(tasks) == 3:
            break
    assert len(tasks) == 3, tasks
    assert c.call(control + "GetTask", task=tasks[0].id).template.container.image == "lab/web:1"
    c.call(control + "RemoveService", request_id=request_id(4), service_id=service.id)

    try:
        c.call(control + "IssueUserCertificate", name="someone", role=1, csr_der=b"nonsense")
        raise AssertionError("that is no certificate request")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT and "csr_der" in error.details(), error

    backup = b"".join(part.data for part in c.call(control + "CreateBackup", kind="unary_stream"))
    assert backup.startswith(b"CLSTRSNP"), backup[:8]

    try:
        c.call(control + "RemoveNode", request_id=request_id(5), node_id=node.id)
        raise AssertionError("a manager must not be removed")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.FAILED_PRECONDITION, error
    try:
        c.call(control + "GetService", service="nothing")
        raise AssertionError("there is no such service")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.NOT_FOUND and "nothing" in error.details(), error

    every = {m.name for m in c.pool.FindServiceByName("cluster.v1.Control").methods}
    assert every <= c.called, every - c.called
    print("ok", len(c.called), "methods")


main()
