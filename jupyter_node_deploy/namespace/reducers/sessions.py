"""How sessions of ONNX Runtime are taken apart: by the model each was made of, and its options.

They live in native code, with threads of their own. The package is never imported for saving: where
nobody has, there is nothing of its.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ..format.sessions import make_options, make_session
from ..pickler import NamespacePickler, Reducer
from ..reasons import Unsavable

_PLAIN = (int, float, bool, str)
#: The attribute in which a session in a kernel has what its file was like when it was made.
FILE_SEEN = "_jupyter_node_deploy_file"
#: Entries of a session's configuration that change what it computes or how; they can be read by
#: name only.
_ENTRIES = (
    "mlas.enable_gemm_fastmath_arm64_bfloat16",
    "optimization.disable_specified_optimizers",
    "optimization.enable_gelu_approximation",
    "session.disable_prepacking",
    "session.disable_quant_qdq",
    "session.dynamic_block_base",
    "session.inter_op.allow_spinning",
    "session.intra_op.allow_spinning",
    "session.load_model_format",
    "session.qdqisint8allowed",
    "session.set_denormal_as_zero",
    "session.use_device_allocator_for_initializers",
    "session.use_env_allocators",
)


def session_reducer(kind: type) -> Reducer | None:
    """Return how instances of a type of ONNX Runtime's are reduced, None if as usual."""
    runtime = sys.modules.get("onnxruntime")
    if kind is getattr(runtime, "InferenceSession", None):
        return _reduce_session
    if kind is getattr(runtime, "SessionOptions", None):
        return _reduce_options
    return None


def _reduce_session(pickler: NamespacePickler, session: Any) -> Any:
    model = session._model_bytes
    if model is None:
        model = _file(session)
    # Providers with their options, as they were found when the session was made.
    found = session.get_provider_options()
    providers = [(name, found.get(name, {})) for name in session.get_providers()]
    options = session._sess_options_initial
    return make_session, (model, options, providers, session._read_config_from_model)


def _file(session: Any) -> bytes:
    path = Path(session._model_path)
    try:
        seen = vars(session).get(FILE_SEEN)
        if seen not in (None, file_state(path)):
            what = f"an ONNX session whose file {path} was changed since it was loaded"
            raise Unsavable(what, "load it again, or make it of the file's bytes", session)
        return path.read_bytes()
    except OSError as error:
        what = f"an ONNX session whose file {path} can't be read ({error.strerror})"
        raise Unsavable(what, "make it of the file's bytes", session) from None


def file_state(path: Any) -> tuple[int, ...] | None:
    """Return what changes when a file is written again, None if there is no such file."""
    try:
        found = Path(path).stat()
    except (OSError, TypeError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _reduce_options(pickler: NamespacePickler, options: Any) -> Any:
    standard = type(options)()
    values: dict[str, Any] = {}
    for name in dir(type(options)):
        value: Any = None if name.startswith("_") else getattr(options, name)
        plain = isinstance(value, _PLAIN)
        enumerated = "__members__" in dir(type(value))
        if (plain or enumerated) and value != getattr(standard, name):
            values[name] = value if plain else int(value)
    entries: dict[str, str] = {}
    for name in _ENTRIES:
        try:
            entries[name] = options.get_session_config_entry(name)
        except (RuntimeError, KeyError):  # not set
            continue
    return make_options, (values, entries)
