"""Digests: a faithful copy is equal, and a change is named by its path."""

from __future__ import annotations

import collections
import copy
import dataclasses
import enum
import functools
import io
import itertools
import pickle
import random
import threading
import types
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_node_deploy.namespace.difference import Difference
from jupyter_node_deploy.namespace.digest import Digest, compare, digest, folded
from jupyter_node_deploy.namespace.records import Malformed


def made(**values: Any) -> Digest:
    """Return a digest as it comes out of the store."""
    found = digest(values, values, {}, seconds=30)
    assert found is not None
    return Digest.decode(folded(found).encode())


def differences(before: Digest, **values: Any) -> list[Difference]:
    after = digest(values, values, {}, seconds=30)
    assert after is not None
    return compare(before, after).differences


class Box:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


class Slotted:
    __slots__ = ("a", "b")


class Words(dict):  # type: ignore[type-arg]
    pass


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@dataclasses.dataclass
class Point:
    x: int
    tags: list[str] = dataclasses.field(default_factory=list)


def slotted(**values: Any) -> Slotted:
    one = Slotted()
    for name, value in values.items():
        setattr(one, name, value)
    return one


def words(**values: Any) -> Words:
    one = Words(k=1)
    vars(one).update(values)
    return one


def adder(amount: int) -> Callable[[int], int]:
    return lambda x: x + amount


def shared(twice: bool) -> list[Any]:
    inner = [1]
    return [inner, inner if twice else [1]]


CHANGES: dict[str, tuple[Any, Any, str]] = {
    "an attribute": (Box(rate=1), Box(rate=2), "x.rate"),
    "an attribute that is gone": (Box(rate=1, name="s"), Box(name="s"), "x.rate"),
    "an attribute too many": (Box(name="s"), Box(name="s", rate=1), "x.rate"),
    "a type": (Box(a=[1]), Box(a=(1,)), "x.a"),
    "a slot": (slotted(a=1, b=2), slotted(a=1, b=3), "x.b"),
    "a slot that is not set": (slotted(a=1, b=2), slotted(a=1), "x.b"),
    "an item": ([1, 2, 3], [1, 2, 4], "x[2]"),
    "an item deep inside": ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "x['a'][0]['b']"),
    "a key": ({"a": 1}, {"b": 1}, "x['a']"),
    "an item of many": (
        [{"n": n} for n in range(500)],
        [{"n": n if n != 333 else 0} for n in range(500)],
        "x[333]['n']",
    ),
    "the order of a dict": ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "x"),
    "a member": ({1, 2}, {1, 3}, "x{2}"),
    "an attribute of a dict": (words(unit="m"), words(), "x.unit"),
    "a default factory": (
        collections.defaultdict(list, a=1),
        collections.defaultdict(int, a=1),
        "x.default_factory",
    ),
    "a deque's length": (collections.deque([1], 3), collections.deque([1], 4), "x.maxlen"),
    "a member of an enumeration": (Color.RED, Color.BLUE, "x"),
    "a field": (Point(1, ["a"]), Point(1, ["b"]), "x.tags[0]"),
    "a number's type": (Box(n=1), Box(n=1.0), "x.n"),
    "true and one": (Box(n=True), Box(n=1), "x.n"),
    "sharing": (shared(True), shared(False), "x[1]"),
    "a closure": (adder(1), adder(2), "x.__closure__['amount']"),
    "a default": (
        types.FunctionType(adder.__code__, {}, "f", (1,)),
        types.FunctionType(adder.__code__, {}, "f", (2,)),
        "x.__defaults__[0]",
    ),
    "a class attribute": (type("C", (), {"limit": 3}), type("C", (), {"limit": 4}), "x.limit"),
    "a partial's argument": (functools.partial(max, 1), functools.partial(max, 2), "x.args[0]"),
    "a generator's state": (random.Random(1), random.Random(2), "x.getstate()[1]"),
    "a buffer": (io.BytesIO(b"a"), io.BytesIO(b"b"), "x"),
    "an error's argument": (ValueError("a"), ValueError("b"), "x.args[0]"),
    "a counter": (itertools.count(1), itertools.count(2), "x(arguments)[0]"),
    "a long text": ("a" * 5000 + "x", "a" * 5000 + "y", "x"),
    "a bytearray": (bytearray(b"ab"), bytearray(b"ac"), "x"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_named_by_its_path(name: str) -> None:
    one, other, path = CHANGES[name]

    before = made(x=one)

    assert differences(before, x=one) == []
    found = differences(before, x=other)
    assert found, "it was not noticed"
    assert found[0].subject.startswith(path)
    assert (found[0].before, found[0].after) != (None, None)
    assert found[0].before != found[0].after


@pytest.mark.parametrize("name", CHANGES)
def test_a_faithful_copy_is_equal(name: str) -> None:
    one = CHANGES[name][0]
    try:
        copied = pickle.loads(pickle.dumps(one))
    except Exception:  # a function without a name
        copied = copy.copy(one)

    assert differences(made(x=one), x=copied) == []


def test_values_are_told_in_words() -> None:
    before = made(signal=Box(rate=8000, name="s"))

    (gone,) = differences(before, signal=Box(name="s"))
    (other,) = differences(before, signal=Box(rate=0, name="s"))

    assert (gone.subject, gone.before, gone.after) == ("signal.rate", "8000", None)
    assert (other.before, other.after) == ("8000", "0")


def test_sharing_between_variables_is_part_of_it() -> None:
    one = [1]
    before = made(a=one, b=[one])

    (found,) = differences(before, a=[1], b=[[1]])

    assert found.subject == "b[0]"
    assert found.before == "the same object as a"


def test_a_folded_difference_is_still_found() -> None:
    deep: Any = {"end": 1}
    other: Any = {"end": 2}
    for _ in range(20):
        deep, other = {"k": [deep] * 1, "w": "x" * 60}, {"k": [other] * 1, "w": "x" * 60}
    wide = [copy.deepcopy(deep) for _ in range(60)]
    changed = [*wide[:-1], other]

    before = made(x=wide)

    assert len(before.encode()) < 64 * 1024
    found = differences(before, x=changed)
    assert found
    assert found[0].subject.startswith("x[59]")


def test_user_code_does_not_run() -> None:
    class Hostile:
        def __init__(self) -> None:
            self.n = 1

        def _raise(self, *_: Any) -> Any:
            raise AssertionError("it ran")

        __eq__ = __repr__ = __getattr__ = __len__ = __iter__ = __bool__ = _raise
        __hash__ = __getstate__ = __reduce__ = __reduce_ex__ = _raise
        trap = property(_raise)

    assert differences(made(x=Hostile()), x=Hostile()) == []


def test_what_no_other_process_has_is_left_out() -> None:
    class Cached(Box):
        @functools.cached_property
        def slow(self) -> int:
            return 1

    one, other = Cached(a=1, lock=threading.Lock()), Cached(a=1, lock=threading.RLock())
    before = made(x=one)
    assert other.slow
    other._cache = {}  # type: ignore[attr-defined]

    assert differences(before, x=other) == []


def test_cycles_and_depth_come_to_an_end() -> None:
    one: list[Any] = []
    one.append(one)
    chain: list[Any] = []
    for _ in range(100_000):
        chain = [chain]

    found = digest({"one": one, "chain": chain}, {}, {}, seconds=30)

    assert found is not None
    assert found.variables["chain"].skipped
    assert compare(found, found).partly == ["chain"]


def test_what_takes_too_long_has_no_digest() -> None:
    many = [Box(n=n) for n in range(50_000)]

    assert digest({"x": many}, {}, {}, seconds=0.001) is None


def test_large_variables_are_compared_in_part() -> None:
    many = [Box(n=[n]) for n in range(60_000)]

    found = digest({"x": many}, {}, {}, seconds=60)

    assert found is not None
    assert compare(found, found).partly == ["x"]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"format": 2}', b'{"format": 1, "calls": true, "variables": {"a": [1]}}'],
)
def test_a_damaged_digest_is_none(content: bytes) -> None:
    with pytest.raises(Malformed):
        Digest.decode(content)


def test_arrays() -> None:
    numpy = pytest.importorskip("numpy")
    base = numpy.arange(6.0).reshape(2, 3)
    before = made(a=base, v=base[0])

    def subjects(**values: Any) -> list[str]:
        return [one.subject for one in differences(before, **values)]

    again = base.copy()
    assert subjects(a=again, v=again[0]) == []
    assert subjects(a=again, v=again[0].copy()) == ["v(memory)"]
    other = base.copy()
    other[1, 2] = 9
    assert subjects(a=other, v=other[0]) == ["a"]
    ints = base.astype(int)
    assert subjects(a=ints, v=ints[0])[:1] == ["a.dtype"]
    locked = base.copy()
    locked.flags.writeable = False
    assert "a.flags.writeable" in subjects(a=locked, v=locked[0])
    turned = numpy.asfortranarray(base)
    assert "a.flags.f_contiguous" in subjects(a=turned, v=turned[0])


def test_frames() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", None]}, index=["p", "q"])
    frame.attrs["unit"] = "m"
    before = made(df=frame)

    def subjects(change: Callable[[Any], Any]) -> list[str]:
        other = frame.copy()
        other.attrs = dict(frame.attrs)
        changed = change(other)
        found = differences(before, df=other if changed is None else changed)
        return [one.subject for one in found]

    assert subjects(lambda df: None) == []
    assert subjects(lambda df: df.attrs.clear()) == ["df.attrs['unit']"]
    assert subjects(lambda df: df.__setitem__("a", [1, 3])) == ["df['a']"]
    assert subjects(lambda df: df.rename(index={"q": "r"}))[0].startswith("df.index")
    assert subjects(lambda df: df.rename_axis("name")) == ["df.index.name"]
    assert subjects(lambda df: df.astype({"a": "int8"}))[0].startswith("df['a'].dtype")
    assert subjects(lambda df: df[["b", "a"]])[0].startswith("df.columns")


def test_digests_do_not_depend_on_the_process(notebook: Any) -> None:
    notebook.save(
        """
        import collections, enum, functools
        class Kind(enum.Enum):
            A = 'a'
        class Base:
            names = {'q', 'w', 'e', 'r', 't'}
            def run(self, x=frozenset('abcdef')): return x in {'u', 'i', 'o', 'p'}
        class Lost(Base):
            def __init__(self): self.kept, self.rate = Kind.A, 8000
            def __getstate__(self): return {'kept': self.kept}
        lost = Lost()
        words = {str(n) for n in range(300)}
        """
    )

    with pytest.raises(AssertionError):
        notebook.restore("assert lost.kept is Kind.A")

    (found,) = notebook.verified["differences"]
    assert (found["subject"], found["before"], found["after"]) == ("lost.rate", "8000", None)


@pytest.mark.parametrize(
    "make",
    [
        lambda: functools.partial(max, 1),
        lambda: ValueError("a"),
        lambda: Box(a=1),
        lambda: collections.OrderedDict(a=1),
        lambda: collections.deque([1]),
        words,
        lambda: random.Random(1),
        lambda: {1, 2},
    ],
)
def test_looking_changes_nothing(make: Callable[[], Any]) -> None:
    one = make()
    before = pickle.dumps(make())

    made(x=one)

    assert pickle.dumps(one) == before


def test_a_tensor_can_be_resized_afterwards() -> None:
    torch = pytest.importorskip("torch")
    one = torch.arange(3.0)
    before = made(t=one)

    one.resize_(5)

    assert [d.subject for d in differences(before, t=torch.tensor([0.0, 1.0, 9.0]))] == ["t"]
    assert differences(before, t=torch.arange(3.0)) == []
