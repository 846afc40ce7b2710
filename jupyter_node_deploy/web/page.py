"""What a page of ours may do in a browser."""

#: It needs nobody else: not even a text in it that is a cell's could load anything.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
