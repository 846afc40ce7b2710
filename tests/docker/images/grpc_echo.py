"""A gRPC service with health: echo.v1.Echo/Say, /Stream (three times) and /Sicken."""

from concurrent import futures

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

SERVICE = "echo.v1.Echo"
_health = health.HealthServicer()


def say(request, context):
    for key, value in context.invocation_metadata():
        if key == "x-echo":
            context.set_trailing_metadata((("x-echoed", value),))
    return request


def stream(request, context):
    for _ in range(3):
        yield request


def sicken(request, context):
    _health.set(SERVICE, health_pb2.HealthCheckResponse.NOT_SERVING)
    return request


def main():
    server = grpc.server(futures.ThreadPoolExecutor(8))
    methods = {
        "Say": grpc.unary_unary_rpc_method_handler(say),
        "Stream": grpc.unary_stream_rpc_method_handler(stream),
        "Sicken": grpc.unary_unary_rpc_method_handler(sicken),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    health_pb2_grpc.add_HealthServicer_to_server(_health, server)
    _health.set(SERVICE, health_pb2.HealthCheckResponse.SERVING)
    server.add_insecure_port("0.0.0.0:50051")
    server.start()
    print("listening", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
