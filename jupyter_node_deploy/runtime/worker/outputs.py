"""From the namespace after a run to the answer's body.

User's interpreter, standard library only.
"""

from __future__ import annotations

import json
from typing import Any

from ...errors import Internal, Message
from ...namespace.forms.encoding import Encoder
from ...namespace.forms.faults import NotJson
from .. import findings
from ..bundle import Bundle
from ..media import ARROW_TYPE, NPY_TYPE
from ..reply import HEADERS, STATUS, reply, with_headers
from ..wire import BINARY_ANSWER, DONE, ENVELOPE, RAW
from . import binary, checks


class Outputs:
    """Writes answers.

    Args:
        bundle: what declares them.
        found: the outputs' checks.
    """

    def __init__(self, bundle: Bundle, found: dict[str, checks.Check]) -> None:
        self._bundle = bundle
        self._declared = [
            (
                one.name,
                one.type if one.strict else "any",
                _utf8(json.dumps(one.name, ensure_ascii=False) + ":"),
            )
            for one in bundle.outputs
        ]
        self._checks = found
        self._encoder = Encoder(allow_nan=bundle.allow_nan)

    @property
    def names(self) -> list[str]:
        """Of all variables that the answer is made of."""
        names = [name for name, _, _ in self._declared]
        return names if self._bundle.response is None else [*names, STATUS, HEADERS]

    def write(self, namespace: dict[str, Any], flags: int) -> tuple[int, int, bytes]:
        """Return an answer's kind, its HTTP status and its body.

        Args:
            flags: ``ENVELOPE``, ``BINARY_ANSWER``.

        Raises:
            Internal: an output is missing, or can't be sent; details name it.
        """
        if flags & BINARY_ANSWER:
            return RAW, 200, self._binary(namespace)
        response = self._bundle.response
        if response is None:
            return DONE, 200, self._json(namespace, flags)
        limit = self._bundle.response_limit
        status, body = reply(namespace, response["body"], response["content_type"], limit)
        return RAW, status, body

    def _json(self, namespace: dict[str, Any], flags: int) -> bytes:
        unset = [name for name, _, _ in self._declared if name not in namespace]
        if unset:
            raise _unset(unset)
        parts = [b'{"output":{' if flags & ENVELOPE else b"{"]
        for name, declared, key in self._declared:
            try:
                text = self._encoder.encode(namespace[name], declared)
            except NotJson as error:
                raise _bad(name, error.path, error.message) from None
            except Exception as error:  # the value's own code: __iter__, model_dump …
                raise _bad(name, "", f"{type(error).__name__}: {error}") from None
            check = self._checks.get(name)
            if check is not None:
                value = namespace[name] if self._encoder.plain else json.loads(text)
                problem = checks.problem(check, value, name, "output.")
                if problem is not None:
                    told = Message(
                        "the output does not match its schema: {findings}",
                        "OUTPUT_INVALID",
                        findings=findings.summary([problem]),
                    )
                    raise Internal(told, [problem])
            if len(parts) > 1:
                parts.append(b",")
            parts += key, _utf8(text)
            del text  # it may be large
        parts.append(b"}}" if flags & ENVELOPE else b"}")
        data = b"".join(parts)
        if len(data) > self._bundle.response_limit:
            raise _too_large(len(data), self._bundle.response_limit, "JSON")
        return data

    def _binary(self, namespace: dict[str, Any]) -> bytes:
        declared = self._bundle.outputs[0].type
        name = self._declared[0][0]
        if name not in namespace:
            raise _unset([name])
        value = namespace[name]
        try:
            if declared == "ndarray":
                media_type = NPY_TYPE
                data = binary.write_array(value, allow_nan=self._bundle.allow_nan)
            else:
                media_type, data = ARROW_TYPE, binary.write_frame(value)
        except NotJson as error:
            raise _bad(name, error.path, error.message) from None
        if len(data) > self._bundle.response_limit:
            raise _too_large(len(data), self._bundle.response_limit, media_type)
        return with_headers({"content-type": media_type}, data)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # lone surrogates: JSON can escape them, UTF-8 can't hold them
        return text.encode("utf-8", "backslashreplace")


def _unset(names: list[str]) -> Internal:
    return Internal(
        Message("the run did not set the output '{outputs}'", "OUTPUT_NOT_SET", outputs=names),
        [{"path": f"output.{name}", "message": "not set by the run"} for name in names],
    )


def _too_large(size: int, limit: int, form: str) -> Internal:
    told = Message(
        "the outputs take {size} bytes as {form}; the node's limit is {limit}",
        "OUTPUT_TOO_LARGE",
        size=size,
        form=form,
        limit=limit,
    )
    return Internal(told, [{"path": "output", "message": told}])


def _bad(name: str, path: str, message: str) -> Internal:
    where = f"output.{name}{path}"
    return Internal(
        Message(
            "{path} has no JSON form, or not the declared one: {cause}",
            "OUTPUT_HAS_NO_JSON",
            path=where,
            cause=message,
        ),
        [{"path": where, "message": message}],
    )
