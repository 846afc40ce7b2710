"""The shape of a namespace: every object that the variables reach, and who refers to whom.

Two namespaces behave alike as far as references go when their descriptions are equal: objects are
numbered in the order in which they are first met, so that a shared one is met again by its number.
"""

import collections
import functools
import gc
import sys
import types
import weakref
from typing import Any

ATOMS = (type(None), bool, int, float, complex, str, bytes, type(...))


def describe(namespace, names):
    """Return the description of the variables, which JSON can carry."""
    gc.collect()  # weak references to what is only left over are dead in a restored namespace
    return _Walk(namespace).run(names)


class _Walk:
    def __init__(self, namespace):
        self.namespace = namespace
        self.numbers = {}
        self.kept = []  # temporaries must not die: their addresses would be used again
        self.waiting: collections.deque[Any] = collections.deque()
        self.found = []
        self.places = []

    def run(self, names):
        top = [[name, self.refer(self.namespace[name])] for name in names if name in self.namespace]
        while self.waiting:
            self.found.append(self.look(self.waiting.popleft()))
        self.number_memory()
        return [top, self.found]

    def refer(self, obj):
        kind = type(obj)
        if kind in ATOMS:
            return [kind.__name__, repr(obj)]
        if kind is tuple and all(type(item) in ATOMS for item in obj):
            return ["constant", repr(obj)]  # whether equal ones are one is the compiler's matter
        if obj is self.namespace:
            return ["namespace"]
        if kind is types.FunctionType and obj.__module__ == "functools":
            return ["of functools"]  # such as ``cache_parameters``, which has several names
        if isinstance(obj, types.ModuleType):
            return ["module", obj.__name__]
        if kind is dict and "__spec__" in obj and obj is not self.namespace:
            module = sys.modules.get(obj.get("__name__"))
            if module is not None and module.__dict__ is obj:
                return ["namespace of", module.__name__]
        if isinstance(obj, type) and obj.__module__ != "__main__":
            return ["type", obj.__module__, obj.__qualname__]
        if isinstance(obj, types.BuiltinFunctionType):
            owner = obj.__self__
            bound = owner is not None and not isinstance(owner, types.ModuleType)
            return ["builtin", obj.__qualname__, self.refer(owner) if bound else None]
        if id(obj) not in self.numbers:
            self.numbers[id(obj)] = len(self.numbers)
            self.kept.append(obj)
            self.waiting.append(obj)
        return self.numbers[id(obj)]

    def look(self, obj):
        kind = type(obj)
        head = [kind.__module__, kind.__qualname__]
        if kind in (list, tuple, collections.deque):
            return [*head, [self.refer(item) for item in obj]]
        if kind in (set, frozenset):
            return [*head, sorted((self.refer(item) for item in obj), key=repr)]
        if kind is dict and "__module__" in obj and "__doc__" in obj:
            return [*head, sorted(obj)]  # of a class, which are told of by themselves
        if isinstance(obj, dict):
            items = [[self.refer(key), self.refer(value)] for key, value in dict.items(obj)]
            return [*head, items, self.attributes(obj)]
        if kind is types.FunctionType:
            return [*head, *self.function(obj)]
        if kind is types.MethodType:
            return [*head, self.refer(obj.__func__), self.refer(obj.__self__)]
        if kind is types.CellType:
            try:
                return [*head, self.refer(obj.cell_contents)]
            except ValueError:
                return [*head, "empty"]
        if isinstance(obj, type):
            return [*head, *self.cls(obj)]
        if kind is functools.partial:
            return [*head, self.refer(obj.func), self.refer(obj.args), self.refer(obj.keywords)]
        if kind in (classmethod, staticmethod):
            return [*head, self.refer(obj.__func__)]
        if kind is property:
            return [*head, self.refer(obj.fget), self.refer(obj.fset), self.refer(obj.fdel)]
        if kind.__module__ == "numpy" and kind.__name__ == "ndarray":
            return [*head, *self.array(obj)]
        if kind.__module__ == "builtins" and kind.__name__.endswith("iterator"):
            reduced = obj.__reduce__()
            if kind.__name__.startswith(("dict_", "set_")):
                # These are pickled as an iterator of what is left.
                return ["builtins", "list_iterator", self.refer((*reduced, 0))]
            return [*head, self.refer(reduced)]
        if kind is types.MappingProxyType:
            (mapping,) = gc.get_referents(obj)
            own = type(mapping) is dict and "__module__" in mapping and "__doc__" in mapping
            return [*head, sorted(mapping) if own else self.refer(mapping)]
        if kind.__name__ in ("dict_items", "dict_keys", "dict_values"):
            return [*head, [self.refer(one) for one in gc.get_referents(obj)]]
        if kind is weakref.ref:
            return [*head, self.refer(obj())]
        if kind is bytearray:
            return [*head, obj.hex()]
        return [*head, self.refer(kind), self.attributes(obj)]

    def attributes(self, obj):
        own = getattr(obj, "__dict__", None)
        slots = [
            [name, self.refer(getattr(obj, name))]
            for cls in type(obj).__mro__
            for name in cls.__dict__.get("__slots__", ())
            if hasattr(obj, name) and name not in ("__dict__", "__weakref__")
        ]
        return [None if own is None else self.refer(own), slots]

    def function(self, obj):
        code = obj.__code__
        return [
            obj.__name__,
            obj.__qualname__,
            obj.__module__,
            code.co_code.hex(),
            list(code.co_names),
            self.refer(obj.__globals__),
            self.refer(obj.__defaults__),
            self.refer(obj.__kwdefaults__),
            [self.refer(cell) for cell in obj.__closure__ or ()],
            self.refer(obj.__dict__),
        ]

    def cls(self, obj):
        hidden = ("__dict__", "__weakref__", "__doc__", "__slotnames__", "__firstlineno__")
        own = [
            [name, self.refer(value)]
            for name, value in sorted(obj.__dict__.items())
            if name not in hidden
            and (name != "__annotate_func__" or value is not None)  # that is only remembered
            and not isinstance(value, (types.MemberDescriptorType, types.GetSetDescriptorType))
            and type(value).__name__ != "_abc_data"
        ]
        return [obj.__name__, obj.__qualname__, [self.refer(base) for base in obj.__bases__], own]

    def array(self, obj):
        owner = obj
        while type(base := getattr(owner, "base", None)) is type(obj) or _strides(base):
            owner = base
        content = [self.refer(item) for item in obj.flat] if obj.dtype.hasobject else obj.tolist()
        base = owner.base
        owner = owner if base is None else base.obj if type(base) is memoryview else base
        self.kept.append(owner)
        place = [id(owner), obj.__array_interface__["data"][0], list(obj.strides)]
        self.places.append(place)
        return [str(obj.dtype), list(obj.shape), repr(content), place, bool(obj.flags.writeable)]

    def number_memory(self):
        """Number the memory of arrays, and tell places in it from the first one that is shown."""
        starts: dict[Any, int] = {}
        numbers: dict[Any, int] = {}
        for owner, start, _ in self.places:
            starts[owner] = min(start, starts.get(owner, start))
            numbers.setdefault(owner, len(numbers))
        for place in self.places:
            owner, start, _ = place
            place[:2] = numbers[owner], start - starts[owner]


def _strides(base):
    """Tell whether it is what ``as_strided`` puts between an array and its view."""
    return type(base).__name__ == "DummyArray"
