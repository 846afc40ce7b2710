"""Arrays as npy and tables as Arrow streams (user's interpreter).

numpy, pandas and pyarrow are those of the user's environment. The bytes become the array's own
memory where they can be written to; nothing is ever unpickled.
"""

from __future__ import annotations

import io
from typing import Any

from ...errors import UnsupportedMediaType
from ...namespace.forms import arrays, tables
from ...namespace.forms.faults import Mismatch, NotJson

#: Older ones run code that a stream may bring along (CVE-2023-47248).
_SAFE_PYARROW = 15


def read_array(body: bytes | bytearray, template: Any, *, allow_nan: bool) -> Any:
    """Return the array in an npy file.

    Args:
        template: the variable's value in the checkpoint; its dtype and number of dimensions are
            those of the result.
        allow_nan: take NaN and infinities.

    Raises:
        Mismatch: it is no such file, or not such an array.
    """
    import numpy

    from_header = {
        (1, 0): numpy.lib.format.read_array_header_1_0,
        (2, 0): numpy.lib.format.read_array_header_2_0,
    }
    head = io.BytesIO(bytes(memoryview(body)[: 64 * 1024]))
    try:
        version = numpy.lib.format.read_magic(head)
        if version not in from_header:
            raise ValueError(f"version {version[0]}.{version[1]} of the format is not known")
        shape, in_columns, dtype = from_header[version](head)
        if dtype.hasobject:
            raise ValueError("arrays of Python objects are not taken")
        count, start = 1, head.tell()
        for size in shape:
            count *= size
        told, there = count * dtype.itemsize, len(body) - start
        if told != there:
            raise ValueError(f"the header tells of {told} bytes of data, and {there} follow")
        array = numpy.frombuffer(body, dtype, count, start) if count else numpy.empty(0, dtype)
        array = array.reshape(shape, order="F" if in_columns else "C")
    except Exception as error:  # a broken header fails in many ways, a TokenError among them
        raise Mismatch(f"not an npy file: {error}") from None
    if not allow_nan and dtype.kind in "fc" and not numpy.isfinite(array).all():
        raise Mismatch("NaN and infinities are not allowed: numbers must be finite")
    array = arrays.fitting(numpy, array, template)
    # A cell may change its input in place, and some compiled code wants it aligned.
    return array if array.flags.writeable and array.flags.aligned else array.copy()


def write_array(value: Any, *, allow_nan: bool) -> memoryview:
    """Return an array as an npy file.

    Raises:
        NotJson: it is no array, or one that can't be sent.
    """
    import numpy

    if not isinstance(value, (numpy.ndarray, numpy.generic, list)):
        raise NotJson(f"declared as an array, but the cell gave {type(value).__name__}")
    try:
        array = numpy.asarray(value)
        if not allow_nan and array.dtype.kind in "fc" and not numpy.isfinite(array).all():
            raise NotJson("NaN and infinities are not allowed")
        file = io.BytesIO()
        numpy.lib.format.write_array(file, array, allow_pickle=False)
    except ValueError as error:
        raise NotJson(f"it has no npy form: {error}") from None
    return file.getbuffer()


def read_frame(body: bytes | bytearray, template: Any) -> Any:
    """Return the table in an Arrow stream.

    Args:
        template: the variable's value in the checkpoint; its columns' dtypes are those of the
            result.

    Raises:
        UnsupportedMediaType: the environment has no pyarrow.
        Mismatch: it is no such stream, or not such a table.
    """
    pyarrow = _pyarrow()
    import pandas

    try:
        with pyarrow.ipc.open_stream(pyarrow.py_buffer(body)) as reader:
            table = reader.read_all()
            table.validate(full=True)
            # Threads would not survive the fork of a later request.
            frame = table.to_pandas(use_threads=False)
    except (pyarrow.ArrowException, ValueError, TypeError, KeyError, OSError) as error:
        raise Mismatch(f"not an Arrow stream of a table: {error}") from None
    return tables.fitting(pandas, frame, template)


def write_frame(value: Any) -> memoryview:
    """Return a table as an Arrow stream.

    Raises:
        UnsupportedMediaType: the environment has no pyarrow.
        NotJson: it is no table, or one that has no such form.
    """
    pyarrow = _pyarrow()
    import pandas

    if not isinstance(value, pandas.DataFrame):
        raise NotJson(f"declared as a table, but the cell gave {type(value).__name__}")
    try:
        table = pyarrow.Table.from_pandas(value, nthreads=1)
        sink = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    except (pyarrow.ArrowException, ValueError, TypeError) as error:
        raise NotJson(f"it has no Arrow form: {error}") from None
    return memoryview(sink.getvalue())


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.ipc
    except ImportError as error:
        raise _unsupported("no pyarrow, so Arrow can't be used: add pyarrow to it") from error
    if int(pyarrow.__version__.partition(".")[0]) < _SAFE_PYARROW:
        raise _unsupported(
            f"pyarrow {pyarrow.__version__}, which runs code that a stream brings along: take "
            f"pyarrow>={_SAFE_PYARROW}"
        )
    return pyarrow


def _unsupported(problem: str) -> UnsupportedMediaType:
    text = f"the node's environment has {problem}, and deploy the cell again; or send JSON"
    return UnsupportedMediaType(text, [{"path": "content-type", "message": text}])
