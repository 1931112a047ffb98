"""Calls the test's server with grpcio: interop_client.py PLAIN_PORT TLS_PORT SOCKET CA CERT KEY. Prints one line per check; exits 1 on failure."""
import queue
import sys

import grpc
from google.protobuf import empty_pb2, descriptor_pb2, descriptor_pool, message_factory


def echo_message_class():
    """The message of echo.proto, made by hand so that no code generator is needed."""
    file = descriptor_pb2.FileDescriptorProto(name='echo.proto', package='cluster.test.v1', syntax='proto3')
    message = file.message_type.add(name='EchoMessage')
    field = descriptor_pb2.FieldDescriptorProto
    for number, (name, kind) in enumerate((('text', field.TYPE_STRING), ('number', field.TYPE_INT64), ('blob', field.TYPE_BYTES)), 1):
        message.field.add(name=name, number=number, type=kind, label=field.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName('cluster.test.v1.EchoMessage')
    if hasattr(message_factory, 'GetMessageClass'):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)


Echo = echo_message_class()
Code = grpc.StatusCode
failures = 0


def check(name, action):
    global failures
    try:
        action()
        print('ok', name)
    except Exception as error:  # every kind of failure is a failed check
        failures += 1
        print('FAILED', name, repr(error)[:500])


def equal(expected, actual):
    assert expected == actual, (expected, actual)


def fails(code, action):
    try:
        action()
    except grpc.RpcError as error:
        equal(code, error.code())
        return error
    raise AssertionError('did not fail')


def run(label, channel):
    path = '/cluster.test.v1.Echo/'
    coding = dict(request_serializer=Echo.SerializeToString, response_deserializer=Echo.FromString)
    unary = channel.unary_unary(path + 'Unary', **coding)
    server_stream = channel.unary_stream(path + 'ServerStream', **coding)
    client_stream = channel.stream_unary(path + 'ClientStream', **coding)
    duplex = channel.stream_stream(path + 'Duplex', **coding)
    missing = channel.unary_unary(
        path + 'Missing', request_serializer=empty_pb2.Empty.SerializeToString, response_deserializer=empty_pb2.Empty.FromString)

    def ping_pong():
        requests = queue.Queue()
        call = duplex(iter(requests.get, None))
        for i in range(100):
            requests.put(Echo(number=i))
            equal(i, next(call).number)
        requests.put(None)
        equal([], list(call))

    def early_headers():
        requests = queue.Queue()
        call = duplex(iter(requests.get, None), metadata=(('headers', '1'),))
        equal('yes', dict(call.initial_metadata())['early'])
        requests.put(None)
        list(call)

    def server_speaks_first():
        requests = queue.Queue()
        call = duplex(iter(requests.get, None), metadata=(('greet', '1'),))
        equal('hello', next(call).text)
        requests.put(None)
        list(call)

    def status_and_trailers():
        error = fails(Code.FAILED_PRECONDITION, lambda: unary(Echo(text='fail')))
        equal('no: ä%\n', error.details())
        trailers = dict(error.trailing_metadata())
        equal(('because', b'\0\xff\x07'), (trailers['why'], trailers['raw-bin']))

    def metadata():
        _, call = unary.with_call(Echo(text='metadata'), metadata=(('x-in', 'v'), ('x-in-bin', b'\1\0\xc8')))
        headers = dict(call.initial_metadata())
        equal(('v', b'\1\0\xc8'), (headers['seen'], headers['seen-bin']))
        equal(['1', '2'], [value for key, value in call.trailing_metadata() if key == 't'])

    def early_end(text):
        return client_stream(Echo(text=text if i == 5 else '', blob=b'x' * 100) for i in range(100000))

    def cancel():
        call = server_stream(Echo(text='wait', number=-1))
        next(call)
        call.cancel()
        fails(Code.CANCELLED, lambda: next(call))

    def concurrent():
        calls = [unary.future(Echo(number=i)) for i in range(300)]
        equal(list(range(300)), [call.result().number for call in calls])

    zeros = bytes(100000)
    for name, action in (
            ('unary', lambda: equal('hi', unary(Echo(text='hi')).text)),
            ('server stream', lambda: equal(list(range(1000)), [m.number for m in server_stream(Echo(number=1000))])),
            ('client stream', lambda: equal(1000, client_stream(Echo(blob=b'x' * 10) for _ in range(1000)).number)),
            ('empty client stream', lambda: equal(0, client_stream(iter(())).number)),
            ('duplex', lambda: equal(list(range(200)), [m.number for m in duplex(Echo(number=i) for i in range(200))])),
            ('duplex ping-pong', ping_pong),
            ('headers before a message', early_headers),
            ('server speaks first', server_speaks_first),
            ('status, message, trailers', status_and_trailers),
            ('metadata', metadata),
            ('missing method', lambda: fails(Code.UNIMPLEMENTED, lambda: missing(empty_pb2.Empty()))),
            ('unknown service', lambda: fails(Code.UNIMPLEMENTED, lambda: channel.unary_unary('/no.Such/Method')(b''))),
            ('deadline', lambda: fails(Code.DEADLINE_EXCEEDED, lambda: unary(Echo(text='wait'), timeout=.2))),
            ('deadline is seen', lambda: equal(True, unary(Echo(text='deadline'), timeout=3600).number > 0)),
            ('no deadline is seen', lambda: equal(-1, unary(Echo(text='deadline')).number)),
            ('handler exception', lambda: fails(Code.UNKNOWN, lambda: unary(Echo(text='throw')))),
            ('failure halfway', lambda: fails(Code.ABORTED, lambda: list(server_stream(Echo(text='fail', number=100))))),
            ('early OK of a client stream', lambda: equal('early', early_end('stop').text)),
            ('early failure of a client stream', lambda: fails(Code.OUT_OF_RANGE, lambda: early_end('fail'))),
            ('cancel', cancel),
            ('3.9 MiB', lambda: equal(3900000, len(unary(Echo(blob=b'y' * 3900000)).blob))),
            ('too large request', lambda: fails(Code.RESOURCE_EXHAUSTED, lambda: unary(Echo(blob=b'y' * 5000000)))),
            ('gzip request', lambda: equal(zeros, unary(Echo(blob=zeros), compression=grpc.Compression.Gzip).blob)),
            ('deflate request', lambda: fails(Code.UNIMPLEMENTED, lambda: unary(Echo(blob=zeros), compression=grpc.Compression.Deflate))),
            ('300 at once', concurrent)):
        check(label + ': ' + name, action)


def read(path):
    with open(path, 'rb') as file:
        return file.read()


if __name__ == '__main__':
    plain_port, tls_port, socket, ca, certificate, key = sys.argv[1:]
    run('plain TCP', grpc.insecure_channel('127.0.0.1:' + plain_port))
    run('unix socket', grpc.insecure_channel('unix:' + socket))
    run('mutual TLS', grpc.secure_channel('localhost:' + tls_port, grpc.ssl_channel_credentials(read(ca), read(key), read(certificate))))
    anonymous = grpc.secure_channel('localhost:' + tls_port, grpc.ssl_channel_credentials(read(ca)))
    check('TLS without certificate is refused', lambda: fails(
        Code.UNAVAILABLE, lambda: anonymous.unary_unary('/cluster.test.v1.Echo/Unary')(b'', timeout=20)))
    print('grpcio', grpc.__version__, 'failures:', failures)
    sys.exit(1 if failures else 0)
