"""From nested JSON arrays to a NumPy array like the example: its dtype and its dimensions."""

from __future__ import annotations

import math
import sys
from typing import Any

from .faults import Mismatch, NoInput
from .names import name_of


def array(numpy: Any, value: Any, known: Any) -> Any:
    """Return the array of a JSON value, like an array; None as ``known``: as NumPy reads it.

    Raises:
        Mismatch: it can't be had without a change of values.
    """
    if type(value) is not list:
        raise Mismatch(f"expected an array, got {name_of(value)}")
    like = known.dtype if known is not None else None
    try:
        if like is not None and like.kind == "O":
            found = numpy.array(value, object)
        elif like is not None and like.kind == "m":
            found = _spans(numpy, numpy.array(_filled(value, math.nan)), like)
        elif like is not None and like.kind == "M":
            found = numpy.array(_filled(value, "NaT"))
        else:
            found = numpy.array(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise Mismatch(f"not a rectangular array: {error}") from None
    if found.dtype == object and (like is None or like.kind != "O"):
        raise Mismatch("the items are not all numbers, strings or booleans of one kind")
    if known is None:
        return found
    if found.ndim < known.ndim and found.size == 0:
        found = found.reshape((*found.shape, *known.shape[found.ndim :]))
    if found.ndim != known.ndim:
        raise Mismatch(f"expected {known.ndim} dimensions, got {found.ndim}")
    return of_dtype(numpy, found, like)


def _filled(value: Any, missing: Any) -> Any:
    """Put what stands for a missing one where JSON has null."""
    if type(value) is list:
        return [_filled(item, missing) for item in value]
    return missing if value is None else value


def _spans(numpy: Any, found: Any, like: Any) -> Any:
    """Durations: seconds."""
    if found.dtype.kind not in "iuf":
        raise Mismatch("expected numbers of seconds")
    spans = numpy.full(found.shape, "NaT", "timedelta64[ns]")
    there = ~numpy.isnan(found)
    spans[there] = numpy.rint(found[there] * 1e9).astype("timedelta64[ns]")
    return spans.astype(like)


def fitting(numpy: Any, found: Any, known: Any) -> Any:
    """Return an array with the dtype of the example; its number of dimensions must be that.

    Raises:
        Mismatch: it can't be had without a change of values.
    """
    if not isinstance(known, numpy.ndarray):
        return found
    if found.ndim != known.ndim:
        raise Mismatch(f"expected {known.ndim} dimensions, got {found.ndim}")
    return of_dtype(numpy, found, known.dtype)


def of_dtype(numpy: Any, found: Any, like: Any) -> Any:
    """Return an array with a dtype.

    Raises:
        Mismatch: a value would be another.
    """
    if found.dtype == like:
        return found
    if found.size == 0:
        return found.astype(like)
    if like.kind == "M" and found.dtype.kind == "U":
        try:
            return found.astype(like)
        except ValueError as error:
            raise Mismatch(f"not dates: {error}") from None
    # Numbers may change width, never kind or value: no bool from 2, no uint8 from 300.
    ranks = "biufc"
    if like.kind not in ranks or found.dtype.kind not in ranks:
        if like.kind in (found.dtype.kind, "O"):
            # Texts longer than the example's are not cut.
            wide = like.kind == "U" and found.dtype.itemsize > like.itemsize
            return found if wide else found.astype(like)
    elif found.dtype.kind == like.kind or (
        "b" not in (found.dtype.kind, like.kind)
        and ranks.index(found.dtype.kind) <= max(ranks.index(like.kind), ranks.index("u"))
    ):
        with numpy.errstate(all="ignore"):
            cast = found.astype(like)
        if like.kind in "fc":
            exact = bool((numpy.isfinite(cast) | ~numpy.isfinite(found)).all())
        else:
            exact = bool((cast == found).all())
        if exact:
            return cast
        raise Mismatch(f"a number does not fit into {like}")
    raise Mismatch(f"expected items of dtype {like}, got {found.dtype}")


def require_exact(known: Any) -> None:
    """Require that JSON can say all of an array.

    Raises:
        NoInput: it can't.
    """
    kind = known.dtype.kind
    if kind not in "biufUMm" and not (kind == "O" and _is_plain(known)):
        raise NoInput(f"JSON has nothing that stands for an array of {known.dtype}")
    if known.ndim > 1 and known.size == 0:
        raise NoInput("an empty array of several dimensions is [] in JSON, whatever its shape")


def tensor(value: Any, known: Any) -> Any:
    """Return the tensor of a JSON value, like another one.

    Raises:
        Mismatch: it can't be had without a change of values.
    """
    torch: Any = sys.modules["torch"]
    numpy: Any = sys.modules["numpy"]
    example = known.numpy() if known.dtype is not torch.bfloat16 else known.float().numpy()
    return torch.from_numpy(array(numpy, value, example)).to(known.dtype)


def require_exact_tensor(known: Any) -> None:
    """Require that JSON can say all of a tensor.

    Raises:
        NoInput: it can't.
    """
    words = str(known.layout), str(known.device), str(known.dtype)
    if known.requires_grad or words[:2] != ("torch.strided", "cpu"):
        raise NoInput("JSON has nothing that stands for a tensor with gradients, or on a device")
    if known.ndim == 0 or known.dtype.is_complex or "float8" in words[2] or "q" in words[2]:
        raise NoInput(f"JSON has nothing that stands for a tensor of {words[2]}")
    if known.ndim > 1 and known.numel() == 0:
        raise NoInput("an empty tensor of several dimensions is [] in JSON, whatever its shape")
    if vars(known):
        raise NoInput("it has attributes of its own")


def _is_plain(known: Any) -> bool:
    return {*map(type, known.ravel().tolist())} <= {str, int, float, bool, type(None)}
