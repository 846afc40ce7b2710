"""The page on which a cell node's API is read and tried: the control API and the front show it."""

from importlib import resources

#: It needs nobody else: not even a text in it that is a cell's could load anything.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
CONTENT_TYPE = "text/html; charset=utf-8"
HEADERS = {"content-security-policy": _POLICY}


def content() -> bytes:
    """Return the page; it reads a file."""
    return (resources.files(__package__) / "docs.html").read_bytes()
