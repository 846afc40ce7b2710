"""HTTP/1.1 on asyncio and httptools: the server and the client of the data plane.

The server is the runtime's front; with the client the control plane asks fronts past the gateway.
Imports only the standard library, httptools and our error tree.
"""
