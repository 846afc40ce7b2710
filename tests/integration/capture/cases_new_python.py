"""Hard cases of Python 3.14: annotations that are told when somebody asks, template strings."""

from .case import Case

#: What only that has.
NEW = ("annotationlib",)

CASES = {
    "template strings": Case(
        """
        name = 'x'
        greeting = t'hello {name!r:>10}'
        def show(t): return ''.join(p if isinstance(p, str) else str(p.value) for p in t)
        def make(v): return t'{name}{v}'
        ---
        result = [show(greeting), show(t'{name}-{n}'), show(make(n))]
        """,
        [({"n": 3}, ["hello x", "x-3", "x3"])],
        needs=NEW,
    ),
    "annotations that nobody asks for": Case(
        """
        asked = []
        def counted(x: asked.append(1)): return x
        class K:
            field: asked.append(2)
            def m(self, y: asked.append(3)) -> Later: return y
        k = K()
        ---
        result = [counted(n), k.m(n), asked]
        """,
        [({"n": 3}, [3, 3, []])],
        needs=NEW,
    ),
    "annotations that name what comes later": Case(
        """
        import typing, annotationlib
        class Tree:
            left: Tree | None = None
            right: Missing = None
        def f(a: Tree, b: Missing) -> Missing: return a
        def in_words(obj):
            return annotationlib.get_annotations(obj, format=annotationlib.Format.STRING)
        ---
        Missing = int
        names = sorted(typing.get_type_hints(f))
        result = [in_words(Tree)['right'], names, Tree.__annotations__['right'].__name__]
        """,
        [({"n": 3}, ["Missing", ["a", "b", "return"], "int"])],
        needs=NEW,
    ),
    "annotations that name type parameters": Case(
        """
        class Box[T: (int, str) = int]:
            item: T
            def get[U](self, other: U, mine: T) -> tuple[T, U]: return (mine, other)
        type Pair[A] = tuple[A, A]
        def first[T](xs: list[T]) -> T: return xs[0]
        box = Box[int]()
        ---
        result = [box.get(n, 2), first([n]), str(Box.get.__annotations__['return'])]
        """,
        [({"n": 3}, [[2, 3], 3, "tuple[T, U]"])],
        needs=NEW,
    ),
    "annotations of a class that a function made": Case(
        """
        def outer():
            class Inner:
                def make(self, other: Inner, n: Local) -> Inner: return other
            Local = float
            return Inner
        I = outer()
        make = I.make
        known = I.make.__annotations__
        ---
        try:
            result = [I.make is make, I.make.__annotations__ is known, known['other'] is I]
        except ValueError, TypeError:
            result = []
        """,
        [({"n": 3}, [True, True, True])],
        needs=NEW,
    ),
    "annotations that made a class": Case(
        """
        import dataclasses, typing
        @dataclasses.dataclass(slots=True, frozen=True)
        class P:
            x: int
            y: list[P] = dataclasses.field(default_factory=list)
        @dataclasses.dataclass
        class Q:
            p: P
        class TD(typing.TypedDict):
            a: int
        class NT(typing.NamedTuple):
            b: int
        q, nt, td = Q(P(1)), NT(2), TD(a=1)
        ---
        result = [q.p.x + n, nt.b, td, list(NT.__annotations__), dataclasses.asdict(Q(P(n)))]
        """,
        [({"n": 3}, [4, 2, {"a": 1}, ["b"], {"p": {"x": 3, "y": []}}])],
        needs=NEW,
    ),
}
