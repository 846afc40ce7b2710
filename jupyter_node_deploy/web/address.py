"""Addresses: ``unix:/path/of/socket`` or ``HOST:PORT``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    """Where a server listens: either ``path`` or ``host`` and ``port``."""

    path: str | None = None
    host: str = ""
    port: int = 0

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address; an IPv6 host stands in brackets.

        Raises:
            ValueError: it is neither form.
        """
        if text.startswith("unix:"):
            return cls(path=text.removeprefix("unix:"))
        host, separator, port = text.rpartition(":")
        if not separator or not port.isdigit():
            raise ValueError(f"not an address: {text!r} (want unix:/path or HOST:PORT)")
        return cls(host=host.strip("[]"), port=int(port))

    def __str__(self) -> str:
        if self.path is not None:
            return f"unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"
