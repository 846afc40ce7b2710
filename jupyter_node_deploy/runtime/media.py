"""Which forms a node's requests and answers may have besides JSON (standard library only).

An array travels as npy where the node has one input, or one output, of type ``ndarray``; a table
as an Arrow stream where there is one of type ``DataFrame``.
"""

from __future__ import annotations

from ..errors import Detail, NodeDeployError, NotAcceptable, UnsupportedMediaType
from .bundle import Bundle, Variable
from .wire import ARROW, BINARY_ANSWER, NPY

JSON_TYPE = "application/json"
NPY_TYPE = "application/x-npy"
ARROW_TYPE = "application/vnd.apache.arrow.stream"
_DECLARED = {NPY_TYPE: "ndarray", ARROW_TYPE: "DataFrame"}
_FLAGS = {NPY_TYPE: NPY, ARROW_TYPE: ARROW}
_KNOWN = 200  # heads whose judgement is kept


def body_input(inputs: list[Variable], media_type: str) -> Variable | None:
    """Return the input that a body of a binary form is: the only one of its type."""
    found = [one for one in inputs if one.type == _DECLARED[media_type]]
    return found[0] if len(found) == 1 else None


def answer_type(bundle: Bundle) -> str | None:
    """Return the binary form that an answer may have; None where it is always JSON, or its own."""
    if bundle.response is not None or len(bundle.outputs) != 1:
        return None
    declared = bundle.outputs[0].type
    return next((name for name, kind in _DECLARED.items() if kind == declared), None)


def request_types(bundle: Bundle) -> list[str]:
    """Return the binary forms that a request may have."""
    return [name for name in _DECLARED if body_input(bundle.inputs, name) is not None]


class Media:
    """Judges the ``content-type`` and ``accept`` of a node's requests, once per pair of values."""

    def __init__(self, bundle: Bundle) -> None:
        self._requests = request_types(bundle)
        self._answer = answer_type(bundle)
        self._judged: dict[tuple[str, str], tuple[int, NodeDeployError | None]] = {}

    def judge(self, content_type: str, accept: str) -> tuple[int, NodeDeployError | None]:
        """Return the flags that tell the worker the forms, 0 for JSON in both directions.

        And why there is no answer: ``UnsupportedMediaType`` if the body is not JSON, nor what the
        node takes; ``NotAcceptable`` if only binary forms are wanted that the answer does not have.
        """
        key = content_type, accept
        known = self._judged.get(key)
        if known is None:
            try:
                known = self._request(content_type) | self._wanted(accept), None
            except NodeDeployError as error:
                known = 0, error
            if len(self._judged) < _KNOWN:
                self._judged[key] = known
        return known

    def _request(self, content_type: str) -> int:
        kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
        if kind in self._requests:
            return _FLAGS[kind]
        if kind in _DECLARED:
            raise _unsupported(
                f"the content type is {kind}, which takes a node with exactly one input of type "
                f"{_DECLARED[kind]}"
            )
        if kind not in ("", JSON_TYPE):
            choice = " or ".join([JSON_TYPE, *self._requests])
            raise _unsupported(f"the content type is {kind}, want {choice}")
        for parameter in parameters:
            name, _, text = parameter.partition("=")
            if name == "charset" and text.strip('"') not in ("utf-8", "utf8", "us-ascii"):
                raise _unsupported(f"the charset is {text}, want utf-8")
        return 0

    def _wanted(self, accept: str) -> int:
        weights = {}
        for part in accept.lower().split(","):
            kind, *parameters = (piece.strip() for piece in part.split(";"))
            weights[kind] = next((_weight(one) for one in parameters if one.startswith("q=")), 1.0)
        json = max(weights.get(kind, 0.0) for kind in (JSON_TYPE, "application/*", "*/*"))
        if self._answer is not None and weights.get(self._answer, 0.0) > 0:
            # The more exact wish wins where the weights are the same, but for two exact ones.
            if weights[self._answer] > json or JSON_TYPE not in weights:
                return BINARY_ANSWER
            return 0
        if json == 0.0 and weights.keys() <= _DECLARED.keys():
            choice = " or ".join(filter(None, (JSON_TYPE, self._answer)))
            raise NotAcceptable(
                f"this node answers with {choice}, not with {accept}",
                [{"path": "accept", "message": f"want {choice}"}],
            )
        return 0


def encoding_fault(encoding: str) -> NodeDeployError | None:
    """Return why a body that is encoded so (``content-encoding``) is not taken; None if it is."""
    if encoding.strip().lower() in ("", "identity"):
        return None
    problem = f"the content encoding is {encoding}, want none: send the body uncompressed"
    return UnsupportedMediaType(problem, [{"path": "content-encoding", "message": problem}])


def _weight(parameter: str) -> float:
    try:
        return float(parameter.removeprefix("q="))
    except ValueError:
        return 0.0


def _unsupported(problem: str) -> UnsupportedMediaType:
    detail: Detail = {"path": "content-type", "message": problem}
    return UnsupportedMediaType(f"the body can't be read: {problem}", [detail])
