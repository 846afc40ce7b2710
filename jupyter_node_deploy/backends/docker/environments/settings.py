"""How packages are installed on this machine: what an install in a container must know of it.

Indexes, proxies, certificates and credentials, as pip and uv have them here. They reach the
container as files in a mounted directory, so that no image's layer or history has any of it.
"""

from __future__ import annotations

import configparser
import io
import os
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

#: pip's options that matter where packages come from; others would change where they go.
_OPTIONS = frozenset(
    {
        *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "proxy"),
        *("timeout", "default-timeout", "retries"),
        *("only-binary", "no-binary", "prefer-binary", "pre"),
    }
)
_URLS = ("index-url", "extra-index-url", "find-links")
#: Directories of the whole machine's settings.
_SYSTEM = (Path("/etc"),)
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_CERTIFICATES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
_LOOPBACK = re.compile(r"//([^/@]*@)?(localhost|127\.[\d.]+|\[::1\])[:/]", re.IGNORECASE)
_CREDENTIALS = re.compile(r"(?<=//)[^/@\s]+@")


@dataclass(frozen=True)
class InstallSettings:
    """What an install in a container needs to know; not to be shown, it may hold credentials.

    Attributes:
        options: of pip, with the paths that they have in the container.
        environment: variables of the install.
        files: contents of files in the mounted directory, by name.
        mounts: directories of this machine and where the container has them.
        host_network: an index or a proxy is on this machine's loopback.
    """

    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    mounts: Mapping[Path, str] = field(default_factory=dict)
    host_network: bool = False

    @property
    def pip_conf(self) -> bytes:
        """The options as pip's configuration file."""
        parser = configparser.RawConfigParser()
        parser["global"] = {
            name: value.replace("\n", "\n  ") for name, value in self.options.items()
        }
        text = io.StringIO()
        parser.write(text)
        return text.getvalue().encode()

    @property
    def fingerprint(self) -> list[list[str]]:
        """What of it decides which packages come out, without credentials."""
        return [
            [name, _CREDENTIALS.sub("", value)]
            for name, value in sorted(self.options.items())
            if name not in ("timeout", "default-timeout", "retries", "proxy", "trusted-host")
        ]

    def conceal(self, text: str) -> str:
        """Return a text without the credentials of URLs."""
        return _CREDENTIALS.sub("****@", text)


def read() -> InstallSettings:
    """Return this machine's settings."""
    options = _of_uv() | _of_pip()
    environment = {
        name: value for name, value in os.environ.items() if name.lower() in _PROXIES and value
    }
    files: dict[str, bytes] = {}
    named = [options.pop("cert", ""), *(os.environ.get(name, "") for name in _CERTIFICATES)]
    if certificate := next((path for path in named if path and Path(path).is_file()), None):
        files["ca.pem"] = Path(certificate).read_bytes()
        options["cert"] = "/build/ca.pem"
        environment |= {"SSL_CERT_FILE": "/build/ca.pem", "REQUESTS_CA_BUNDLE": "/build/ca.pem"}
    if (client := options.pop("client-cert", "")) and Path(client).is_file():
        files["client.pem"] = Path(client).read_bytes()
        options["client-cert"] = "/build/client.pem"
    netrc = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    if netrc.is_file() and os.access(netrc, os.R_OK):
        files["netrc"] = netrc.read_bytes()
        environment["NETRC"] = "/build/netrc"
    mounts: dict[Path, str] = {}
    for name in _URLS:
        if name in options:
            found = (_mounted(one, mounts) for one in options[name].split())
            options[name] = "\n".join(one for one in found if one)
    everything = " ".join([*options.values(), *environment.values()])
    return InstallSettings(
        options={name: value for name, value in options.items() if value},
        environment=environment,
        files=files,
        mounts=mounts,
        host_network=_LOOPBACK.search(f"{everything}/") is not None,
    )


def _of_pip() -> dict[str, str]:
    """Return pip's options from its files and the environment, which overrides them.

    Read here, as pip documents it, because asking pip takes a third of a second at each start.
    """
    wanted = _OPTIONS | {"cert", "client-cert"}
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}}
    for path in _pip_files():
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        for section in sections.keys() & parser:
            sections[section] |= {
                name.replace("_", "-"): value for name, value in parser[section].items()
            }
    environment = {
        name.lower().removeprefix("pip_").replace("_", "-"): value
        for name, value in os.environ.items()
        if name.lower().startswith("pip_") and value
    }
    found = sections["global"] | sections["install"] | environment
    return {name: value for name, value in found.items() if name in wanted}


def _pip_files() -> list[Path]:
    """Return where pip looks for its configuration, what overrides last."""
    if (own := os.environ.get("PIP_CONFIG_FILE")) == os.devnull:
        return []
    places = os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep)
    user = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return [
        *(Path(place) / "pip" / "pip.conf" for place in places),
        *(place / "pip.conf" for place in _SYSTEM),
        Path.home() / ".pip" / "pip.conf",
        user / "pip" / "pip.conf",
        Path(sys.prefix) / "pip.conf",
        *([Path(own)] if own else []),
    ]


def _of_uv() -> dict[str, str]:
    """Return what uv is told of indexes, under the names of pip."""
    config: dict[str, Any] = {}
    user = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    for path in (*(place / "uv" / "uv.toml" for place in _SYSTEM), user / "uv" / "uv.toml"):
        try:
            config |= tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    config |= config.get("pip") or {}
    default = next((one["url"] for one in config.get("index", []) if one.get("default")), None)
    extra = [one["url"] for one in config.get("index", []) if not one.get("default")]
    named = os.environ.get("UV_INDEX", "").split()
    options = {
        "index-url": os.environ.get("UV_DEFAULT_INDEX")
        or os.environ.get("UV_INDEX_URL")
        or default
        or config.get("index-url", ""),
        "extra-index-url": _joined(
            [
                *(
                    one.partition("=")[2] if "=" in one.partition("://")[0] else one
                    for one in named
                ),
                *os.environ.get("UV_EXTRA_INDEX_URL", "").split(),
                *extra,
                *config.get("extra-index-url", []),
            ]
        ),
        "find-links": os.environ.get("UV_FIND_LINKS") or _joined(config.get("find-links", [])),
    }
    return {name: value for name, value in options.items() if value}


def _joined(values: Iterable[str]) -> str:
    return "\n".join(values)


def _mounted(place: str, mounts: dict[Path, str]) -> str:
    """Return what a URL or path is called in the container; empty if this machine lacks it."""
    url = urlsplit(place)
    if url.scheme not in ("", "file"):
        return place
    path = Path(unquote(url.path))
    if not path.exists():
        return ""
    # An index's pages link to files beside it.
    root = path.parent if path.name == "simple" or path.is_file() else path
    inside = mounts.setdefault(root, f"/packages/{len(mounts)}")
    rest = path.relative_to(root)
    where = inside if rest == Path() else f"{inside}/{rest}"
    return urlunsplit(("file", "", where, "", "")) if url.scheme else where
