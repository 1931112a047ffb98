"""Serves the test's Echo service with grpcio: interop_server.py CA CERT KEY. Prints "ready PLAIN_PORT TLS_PORT" and serves until its input ends."""
import sys
from concurrent import futures

import grpc

from interop_client import Echo, read


def unary(request, context):
    if request.text == 'fail':
        context.set_trailing_metadata((('why', 'because'), ('raw-bin', b'\0\xff\x07')))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, 'no: ä%\n')
    if request.text == 'metadata':
        headers = dict(context.invocation_metadata())
        context.send_initial_metadata((('seen', headers['x-in']), ('seen-bin', headers['x-in-bin'])))
        context.set_trailing_metadata((('t', '1'), ('t', '2')))
    if request.text == 'wait':
        ended = futures.Future()
        if context.add_callback(lambda: ended.set_result(None)):
            ended.result()
    if request.text == 'deadline':
        return Echo(number=int(context.time_remaining()))
    if request.text == 'big':
        return Echo(blob=bytes(request.number))
    return request


def server_stream(request, context):
    for i in range(request.number):
        yield Echo(number=i, blob=request.blob)
        if request.text == 'fail' and i == 2:
            context.abort(grpc.StatusCode.ABORTED, 'halfway')


def client_stream(requests, context):
    count = size = 0
    for message in requests:
        count += 1
        size += len(message.blob)
        if message.text == 'stop':
            return Echo(text='early', number=count)
        if message.text == 'fail':
            context.abort(grpc.StatusCode.OUT_OF_RANGE, 'enough')
    return Echo(number=count, text=str(size))


def duplex(requests, context):
    headers = dict(context.invocation_metadata())
    if 'greet' in headers:
        yield Echo(text='hello')
    if 'headers' in headers:
        context.send_initial_metadata((('early', 'yes'),))
    yield from requests


if __name__ == '__main__':
    ca, certificate, key = (read(path) for path in sys.argv[1:])
    coding = dict(request_deserializer=Echo.FromString, response_serializer=Echo.SerializeToString)
    server = grpc.server(futures.ThreadPoolExecutor(16))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler('cluster.test.v1.Echo', {
        'Unary': grpc.unary_unary_rpc_method_handler(unary, **coding),
        'ServerStream': grpc.unary_stream_rpc_method_handler(server_stream, **coding),
        'ClientStream': grpc.stream_unary_rpc_method_handler(client_stream, **coding),
        'Duplex': grpc.stream_stream_rpc_method_handler(duplex, **coding),
    }),))
    plain = server.add_insecure_port('127.0.0.1:0')
    tls = server.add_secure_port('127.0.0.1:0', grpc.ssl_server_credentials([(key, certificate)], ca, True))
    server.start()
    print('ready', plain, tls, flush=True)
    sys.stdin.read()
    server.stop(None)
