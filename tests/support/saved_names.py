"""What saved streams may name of this program, and what they do name."""

from __future__ import annotations

import pickletools
from collections.abc import Iterator

OWN = "_jupyter_node_deploy"
FORMAT = f"{OWN}.namespace.format"

#: What a stream may name, with the least and the most arguments that streams call it with. Saved
#: data lives longer than any version: a name stays here, and goes on working, for ever.
FROZEN: dict[str, tuple[int, int]] = {
    "builders.builtin_namespace": (0, 0),
    "builders.class_namespace": (1, 1),
    "builders.fill_cell": (2, 2),
    "builders.fill_class": (2, 2),
    "builders.fill_constant_array": (2, 2),
    "builders.fill_dispatch": (2, 2),
    "builders.fill_exception": (2, 2),
    "builders.fill_function": (2, 2),
    "builders.fill_instance": (2, 2),
    "builders.fill_module": (2, 2),
    "builders.lookup": (1, 9),
    "builders.make_bare": (1, 1),
    "builders.make_cache": (3, 3),
    "builders.make_cached_property": (2, 2),
    "builders.make_cell": (0, 0),
    "builders.make_class": (4, 4),
    "builders.make_code": (16, 18),
    "builders.make_dead_method": (0, 0),
    "builders.make_dead_reference": (0, 0),
    "builders.make_derived_array": (3, 9),
    "builders.make_dispatch": (1, 1),
    "builders.make_exception": (2, 2),
    "builders.make_function": (4, 4),
    "builders.make_member": (3, 3),
    "builders.make_method": (2, 2),
    "builders.make_module": (2, 2),
    "builders.make_owned": (2, 9),
    "builders.make_proxy": (1, 1),
    "builders.make_type_variable": (4, 4),
    "builders.make_view": (6, 7),
    "builders.module": (1, 9),
    "builders.module_namespace": (1, 1),
    "builders.original": (2, 2),
    "builders.user_namespace": (0, 0),
    "caches.fill_cache": (2, 2),
    "instances.fill_derived": (2, 2),
    "instances.fill_parametrized": (2, 2),
    "instances.fill_registry": (2, 2),
    "instances.fill_rest": (2, 2),
    "instances.make_derived": (2, 9),
    "instances.make_instance": (2, 9),
    "jitted.fill_jitted": (2, 2),
    "jitted.make_jitted": (5, 5),
    "mapped.add_property": (5, 5),
    "mapped.attribute_of": (2, 2),
    "mapped.check_class": (3, 3),
    "mapped.made": (2, 2),
    "mapped.make_registry": (3, 3),
    "mapped.manager_of": (1, 1),
    "mapped.map_class": (5, 5),
    "mapped.mapper_of": (1, 1),
    "mapped.property_of": (2, 2),
    "plans.fill_plan": (2, 2),
    "plans.held_function": (1, 1),
    "processes.make_context_variable": (3, 3),
    "processes.make_lock": (1, 1),
    "processes.make_simple_queue": (1, 1),
    "registrations.make_registration": (2, 2),
    "sessions.make_options": (2, 2),
    "sessions.make_session": (4, 4),
    "storages.fill_computed": (2, 2),
    "storages.fill_gradient": (2, 2),
    "storages.make_lent_storage": (3, 3),
    "storages.make_storage": (2, 2),
    "storages.make_typed_storage": (2, 2),
}


def check(stream: bytes) -> None:
    """Fail if a stream names anything of this program that is not part of the format."""
    allowed = {tuple(f"{FORMAT}.{name}".rsplit(".", 1)) for name in FROZEN}
    strange = {name for name in names(stream) if _own(name[0])} - allowed
    # Modules are also given to builders, by their names.
    texts = {text for text in _texts(stream) if _own(text)}
    strange |= {(text, "") for text in texts - {module for module, _ in allowed}}
    assert not strange, (
        f"saved data names {sorted(strange)}: only what is in {FORMAT} is kept for ever"
    )


def names(stream: bytes) -> set[tuple[str, str]]:
    """Return all that loading a stream looks up, as (module, name)."""
    found = set()
    memo: list[str | None] = []
    texts: list[str] = []
    last: str | None = None
    for opcode, argument, _ in pickletools.genops(stream):
        if opcode.name == "MEMOIZE":
            memo.append(last)
            continue
        last = None
        if opcode.name in _TEXT:
            last = str(argument)
            texts.append(last)
        elif opcode.name in ("BINGET", "LONG_BINGET"):
            assert isinstance(argument, int)
            texts.append(memo[argument] or "")
        elif opcode.name == "STACK_GLOBAL":
            found.add((texts[-2], texts[-1]))
        elif opcode.name in _UNKNOWN:
            raise AssertionError(f"our pickler does not write {opcode.name}")
    return found


_TEXT = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
#: Older ways to name something, and to remember it.
_UNKNOWN = {"GLOBAL", "INST", "EXT1", "EXT2", "EXT4", "PUT", "BINPUT", "LONG_BINPUT", "GET"}


def _texts(stream: bytes) -> Iterator[str]:
    for opcode, argument, _ in pickletools.genops(stream):
        if opcode.name in _TEXT:
            yield str(argument)


def _own(module: str) -> bool:
    return module.partition(".")[0] in (OWN, "jupyter_node_deploy")
