"""The pickler of a saved namespace.

It is the C pickler with ``reducer_override``; a pickler written in Python is 20 times slower. The
namespace itself and the builtins are references: the memo starts with the two, and the stream with
a preamble that memoizes what they are where it is loaded.
"""

from __future__ import annotations

import builtins
import pickle
import sys
import types
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from .format import builders
from .importable import MADE, module_of
from .reasons import Unsavable
from .sink import Sink

#: Bytes from which a buffer is kept beside the stream.
LARGE_BUFFER = 64 * 1024

_OWN = __name__.partition(".")[0]
#: What is in these modules stays for ever: all that streams may name of this program.
_FORMAT = f"{builders.__name__.rpartition('.')[0]}."

Reducer = Callable[["NamespacePickler", Any], Any]


@dataclass
class Context:
    """What the picklers of one save share.

    Attributes:
        namespace: the user's namespace.
        reducer_for: returns how instances of a type are reduced, None: as the pickler does.
        names: the variable by which a function or class of the notebook is referred to, by its id.
        submodules: for a module's name the submodules that the notebook imported with it.
        modules: those that no import finds elsewhere, by the ids of their dicts.
        dicts: ids of the dicts that are variables.
        bases: ids of arrays whose memory several arrays show: these are saved as views of them.
        lenders: by the address of a tensor's storage the array whose memory that uses, and where
            in it.
        reducers: what ``reducer_for`` has returned, by type.
        left: why attributes that a class' own way of pickling leaves out can't be saved either,
            by the id of the instance and the name.
        known: ids of instances in the large streams so far, see ``NamespacePickler.cut``.
        check: called every so often; what it raises ends the pickling.
    """

    namespace: dict[str, Any]
    reducer_for: Callable[[type], Reducer | None]
    names: Mapping[int, str] = field(default_factory=dict)
    submodules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    modules: Mapping[int, types.ModuleType] = field(default_factory=dict)
    dicts: Set[int] = frozenset()
    bases: set[int] = field(default_factory=set)
    lenders: dict[int, tuple[Any, int]] = field(default_factory=dict)
    reducers: dict[type, Reducer | None] = field(default_factory=dict)
    left: dict[tuple[int, str], str] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)
    check: Callable[[], None] | None = None


class NamespacePickler(pickle.Pickler):
    """Pickles some variables of a namespace to one stream.

    Args:
        context: what it shares with the other picklers.
        own: the variables of this stream; all others that are functions or classes are referred
            to by name.
        without_rest: leave out what classes leave out.
        cuts: don't go into what another stream is known to have.

    Attributes:
        buffers: the large buffers, in stream order; they are views of live memory.
        references: the variables that the stream refers to by name.
        uses: global names that the code in the stream may use.
        needed: global names that are used while the stream is loaded.
        modules: top-level modules that loading the stream imports.
        constants: ids of objects that two streams may both hold without sharing state.
        last: what is being pickled, for the words when it fails.
        seeds: ids of the objects that every stream can refer to.
        classes: those in the stream, by the ids of their own dicts.
        families: mapped classes of SQLAlchemy's that are in the stream, by the ids of registries.
        cells: ids of closure cells whose contents come with a function.
        parts: by the id of a function's globals the part of them that the stream holds.
        views: by the id of an array that owns memory the ids of the arrays that are views of it,
            by the address of a tensor's storage those of the tensors that use it.
        frames: by the same the ids of arrays of frames' that show it.
        storages: the storages of tensors, by their addresses.
        owners: arrays that own memory, by id, where it matters to tensors.
        rest: instances, and the attributes of theirs that only we pickle.
        lost: objects, what of them (as an expression goes on) is not saved as it is, and how.
        cut: whether it met an instance that a large stream has, and did not go into that: the
            stream only tells what is shared and what can't be saved.
    """

    def __init__(
        self,
        context: Context,
        own: frozenset[str],
        *,
        without_rest: bool = False,
        cuts: bool = False,
    ) -> None:
        self.file = Sink(context.check)
        self.file.write(_PREAMBLE)
        self.context = context
        self.own = own
        self.buffers: list[memoryview] = []
        self.references: set[str] = set()
        self.uses: set[str] = set()
        self.needed: set[str] = set()
        self.modules: set[str] = set()
        self.constants: set[int] = set()
        self.classes: dict[int, type] = {}
        self.families: dict[int, Any] = {}
        self.cells: set[int] = set()
        self.last: Any = None
        self.parts: dict[int, dict[str, Any]] = {}
        self.views: dict[int, set[int]] = {}
        self.frames: dict[int, set[int]] = {}
        self.storages: dict[int, Any] = {}
        self.owners: dict[int, Any] = {}
        self.rest: list[tuple[Any, dict[str, Any]]] = []
        self.lost: list[tuple[Any, str, str]] = []
        self.cut = False
        self._without_rest = without_rest
        self._known = context.known if cuts else None
        super().__init__(self.file, 5, buffer_callback=_keeper(self.buffers))
        namespace = context.namespace
        self.seeds = {id(namespace), id(builtins.__dict__)}
        self.memo = {
            id(namespace): (0, namespace),
            id(builtins.__dict__): (1, builtins.__dict__),
        }

    def reducer_override(self, obj: Any) -> Any:
        """Reduce what the pickler can't, or what it would copy where it has to refer."""
        self.last = obj
        kind = type(obj)
        try:
            reducer = self.context.reducers[kind]
        except KeyError:
            reducer = self.context.reducers[kind] = self.context.reducer_for(kind)
        reduced = NotImplemented if reducer is None else reducer(self, obj)
        if self._known and id(obj) in self._known and id(obj) not in self.constants:
            self.cut = True
            return builders.user_namespace, ()
        return reduced

    def refer(self, path: tuple[str, ...], obj: Any) -> Any:
        """Refer to a variable, or to an attribute of one, by name."""
        self.references.add(path[0])
        self.constants.add(id(obj))
        return builders.lookup, path

    def shows(self, owner: int, obj: Any) -> None:
        """Note that an object shows memory that another one owns."""
        self.views.setdefault(owner, set()).add(id(obj))

    def leaves_out(self, obj: Any, rest: dict[str, Any]) -> set[str]:
        """Return which of the attributes that a class leaves out must be left out."""
        if self._without_rest:
            return {*rest}
        if rest:
            self.rest.append((obj, rest))
        return {name for name in rest if (id(obj), name) in self.context.left}

    def lose(self, obj: Any, names: Set[str]) -> None:
        """Note attributes that are lost."""
        for name in () if self._without_rest else names:
            reason = self.context.left[id(obj), name]
            self.lost.append((obj, f".{name}", f"{reason} can't be saved, so the node has none"))

    def imports(self, module: str, obj: Any) -> None:
        """Note that the stream imports ``obj`` from the module.

        Raises:
            Unsavable: it is a part of this program, and not of the saved format.
        """
        if not f"{module}.".startswith(_FORMAT):
            self.refuse_own(module, obj)
        self.modules.add(module.partition(".")[0])
        self.constants.add(id(obj))

    def replaced(self, module: Any, name: Any) -> bool:
        """Tell whether the notebook has put something of its own at a module's name."""
        holder = sys.modules.get(module) if type(module) is str else None
        if type(holder) is not types.ModuleType or module == "__main__" or module in MADE:
            return False
        found: Any = vars(holder).get(name)
        if type(found) is types.FunctionType:
            return found.__globals__ is self.context.namespace
        return issubclass(type(found), type) and module_of(found) == "__main__"

    def refuse_own(self, module: Any, obj: Any) -> None:
        """Refuse what is made by a module of this program: other versions may not have it.

        Raises:
            Unsavable: it is.
        """
        if type(module) is str and module.partition(".")[0] == _OWN:
            raise Unsavable(
                "a part of jupyter_node_deploy itself", "don't keep it in a variable", obj
            )


def _keeper(buffers: list[memoryview]) -> Callable[[pickle.PickleBuffer], bool]:
    # Not a method: the pickler would hold itself, and its memo every object, until collected.
    def keep(buffer: pickle.PickleBuffer) -> bool:
        try:
            raw = buffer.raw()
        except BufferError:  # not contiguous
            return True
        if raw.nbytes < LARGE_BUFFER:
            return True
        buffers.append(raw)
        return False

    return keep


def _text(text: str) -> bytes:
    data = text.encode()
    return pickle.SHORT_BINUNICODE + bytes([len(data)]) + data


def _memoized(builder: Callable[[], Any]) -> bytes:
    name = _text(builder.__module__) + _text(builder.__name__) + pickle.STACK_GLOBAL
    return name + pickle.EMPTY_TUPLE + pickle.REDUCE + pickle.MEMOIZE + pickle.POP


_PREAMBLE = (
    pickle.PROTO
    + b"\x05"
    + _memoized(builders.user_namespace)
    + _memoized(builders.builtin_namespace)
)
