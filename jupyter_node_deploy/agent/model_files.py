"""Notes what the file of an ONNX session was like when the session was made of it.

A session keeps its file's name only, and is saved as the file's content: were that another one by
then, the node would have another model. Runs in the user's kernel.
"""

from __future__ import annotations

from typing import Any

from ..namespace.reducers.sessions import FILE_SEEN, file_state

_MODULE, _ATTRIBUTE = "onnxruntime.capi.onnxruntime_inference_collection", "_model_path"


def watch(module: Any) -> None:
    """Have sessions note it, given a module that was loaded a moment ago."""
    if module.__name__ == _MODULE:
        module.InferenceSession._model_path = _NotedPath()


class _NotedPath:
    """The attribute that a session sets right before it reads the file.

    Not a wrapper of the method that reads it: that would stand in tracebacks.
    """

    def __get__(self, session: Any, owner: Any = None) -> Any:
        if session is None:
            return self
        try:
            return session.__dict__[_ATTRIBUTE]
        except KeyError:
            raise AttributeError(_ATTRIBUTE) from None

    def __set__(self, session: Any, path: Any) -> None:
        session.__dict__[_ATTRIBUTE] = path
        session.__dict__[FILE_SEEN] = file_state(path)
