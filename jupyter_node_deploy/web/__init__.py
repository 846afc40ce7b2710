"""HTTP/1.1 on asyncio and httptools: the server and the client of the data plane.

Used by the runtime's front and the embedded gateway. Imports only the standard library, httptools
and our error tree.
"""
