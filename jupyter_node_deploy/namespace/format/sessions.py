"""What the saved streams call to make sessions of ONNX Runtime.

Streams name these functions, so a name here is part of the saved format.
"""

from __future__ import annotations

import importlib
from typing import Any


def make_options(values: dict[str, Any], entries: dict[str, str]) -> Any:
    """Return a session's options: attributes, those of an enumeration as numbers, and entries."""
    runtime: Any = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    for name, value in values.items():
        kind = type(getattr(options, name))
        setattr(options, name, kind(value))
    for name, text in entries.items():
        options.add_session_config_entry(name, text)
    return options


def make_session(model: bytes, options: Any, providers: list[Any], read_config: bool) -> Any:
    """Return a session of a model's bytes, with those of the providers that there are here."""
    runtime: Any = importlib.import_module("onnxruntime")
    here = runtime.get_available_providers()
    return runtime.InferenceSession(
        model,
        options,
        [one for one in providers if one[0] in here],
        read_config_from_model=int(read_config),
    )
