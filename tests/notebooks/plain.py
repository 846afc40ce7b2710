"""The JSON form of what a cell left; runs in kernels and oracles (standard library only)."""

import base64
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import json
import math


def plain(value, depth=0):
    """Return a value as JSON has it; what has no such form is told by its type."""
    if depth > 40:
        return {"!deep": type(value).__name__}
    if isinstance(value, enum.Enum):
        return plain(value.value, depth + 1)
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else {"!": repr(float(value))}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode()
    if isinstance(value, (collections.abc.Mapping)):
        return {_key(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, collections.deque)):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, collections.abc.Set):
        return sorted((plain(item, depth + 1) for item in value), key=repr)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return None if str(value) == "NaT" else value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, (decimal.Decimal, fractions.Fraction)):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value), depth + 1)
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(), depth + 1)
    if type(value).__module__.partition(".")[0] == "pandas":
        return _pandas(value, depth)
    for way in ("tolist", "item"):
        if hasattr(value, way):
            try:
                return plain(getattr(value, way)(), depth + 1)
            except Exception:
                break
    return {"!type": type(value).__name__}


def _key(key):
    return key if isinstance(key, str) else json.dumps(plain(key))


def _pandas(value, depth):
    if not hasattr(value, "to_json"):
        return str(value) if str(value) not in ("<NA>", "NaT") else None
    if hasattr(value, "columns"):
        places = enumerate(value.columns)
        return {str(name): _pandas(value.iloc[:, place], depth) for place, name in places}
    pairs = zip(value.tolist(), value.isna().tolist(), strict=True)
    values = [plain(None if missing else item, depth + 1) for item, missing in pairs]
    labels = [str(label) for label in value.index]
    if labels == [str(place) for place in range(len(labels))]:
        return values
    return dict(zip(labels, values, strict=True))
