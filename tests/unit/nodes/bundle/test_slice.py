"""What a cell can reach."""

from __future__ import annotations

import pytest

from jupyter_node_deploy.errors import InvalidArgument
from jupyter_node_deploy.nodes.bundle.slice import cut, reach, survey

from ....support.manifests import code, group, info, manifest

LOST = info("conn", None, declared=None, reason="a database connection: open it in the cell")


def test_only_what_the_cell_reads_is_carried() -> None:
    part = cut(
        manifest(
            {"free": ["x"]},
            variables=[info("x", 1), info("big", [1])],
            groups=[group("big"), group("x")],
        )
    )
    assert part.carried == ["x"]
    assert not part.opaque


def test_functions_bring_what_they_use_however_far() -> None:
    found = manifest(
        {"free": ["f"]},
        variables=[code("f"), code("g"), code("C", "class"), info("rate", 1.5), info("other", 1)],
        groups=[
            group("C"),
            group("rate", uses=("C",)),
            group("g", uses=("rate", "len", "f")),
            group("f", uses=("g",)),
            group("other"),
        ],
    )
    assert cut(found).carried == ["C", "rate", "g", "f"]


def test_variables_that_share_objects_come_together() -> None:
    found = manifest(
        {"free": ["view"]}, groups=[group("base", "view", uses=("kind",)), group("kind")]
    )
    assert cut(found).carried == ["base", "view", "kind"]


def test_the_order_is_that_of_the_manifest() -> None:
    groups = [group("b", uses=("a",)), group("a", uses=("b",)), group("c")]
    assert cut(manifest({"free": ["c", "a"]}, groups=groups)).carried == ["b", "a", "c"]


def test_a_chain_longer_than_the_recursion_limit() -> None:
    groups = [group(f"v{n}", uses=(f"v{n + 1}",)) for n in range(5000)]
    assert len(cut(manifest({"free": ["v0"]}, groups=groups)).carried) == 5000


def test_an_opaque_cell_gets_everything() -> None:
    found = manifest(
        {"free": [], "opaque": True}, variables=[info("x", 1), LOST], groups=[group("x")]
    )
    part = cut(found)
    assert (part.carried, part.opaque) == (["x"], True)
    assert part.unsaved == []
    assert part.maybe == [LOST]


def test_an_opaque_function_gets_everything_if_it_is_reached() -> None:
    groups = [group("f", uses=("*",)), group("x")]
    assert cut(manifest({"free": ["f"]}, groups=groups)).carried == ["f", "x"]
    assert cut(manifest({"free": ["x"]}, groups=groups)).carried == ["x"]


def test_needed_variables_that_could_not_be_saved_are_named() -> None:
    found = manifest(
        {"free": ["f"]},
        variables=[code("f"), LOST, info("lost_too", None, reason="a socket")],
        groups=[group("f", uses=("conn",))],
    )
    assert cut(found).unsaved == [LOST]


def test_an_input_that_every_request_sets_need_not_be_saved() -> None:
    found = manifest({"free": ["conn"]}, variables=[LOST])
    assert cut(found, ["conn"], given=["conn"]).unsaved == []
    assert cut(found, ["conn"]).unsaved == [LOST]


def test_declared_inputs_are_carried_with_their_values() -> None:
    found = manifest({"free": []}, groups=[group("x"), group("y")])
    assert cut(found, ["y"]).carried == ["y"]


def test_modules_are_those_of_the_cell_and_of_what_is_carried() -> None:
    found = manifest(
        {"free": ["m"], "modules": ["math"]},
        groups=[group("m", modules=("sklearn", "numpy")), group("t", modules=("torch",))],
    )
    assert cut(found).modules == ["math", "numpy", "sklearn"]


def test_reach_keeps_names_that_nothing_holds() -> None:
    assert reach(manifest(groups=[group("f", uses=("gone",))]), ["f"]) == {"f", "gone"}


def test_what_uncalled_functions_of_the_cell_read_is_carried_but_not_needed() -> None:
    found = manifest(
        {"reads": ["register", "table", "conn", "set_here"], "assigns": ["set_here"]},
        variables=[info("table", {}), LOST, info("set_here", 1)],
        groups=[group("table"), group("set_here")],
    )
    part = cut(found)
    assert part.carried == ["table"]
    assert part.unsaved == []
    assert part.maybe == [LOST]


def test_what_the_user_adds_goes_along_with_what_it_uses() -> None:
    found = manifest(
        {"free": ["x"]},
        variables=[info("x", 1), code("f"), info("y", 2), info("z", 3)],
        groups=[group("x"), group("y"), group("f", uses=("y",)), group("z")],
    )

    assert cut(found, carry=["f"]).carried == ["x", "y", "f"]


def test_what_the_user_leaves_out_stays_behind_and_is_not_needed() -> None:
    found = manifest(
        {"free": ["f", "conn"]},
        variables=[code("f"), info("big", [1]), LOST],
        groups=[group("big"), group("f", uses=("big",))],
    )

    part = cut(found, leave_out=["big", "conn"])

    assert part.carried == ["f"]
    assert (part.unsaved, part.maybe) == ([], [])


def test_what_shares_objects_is_left_out_as_a_whole() -> None:
    variables = [info("base", [1]), info("view", [1]), info("x", 1)]
    found = manifest(
        {"free": ["view", "x"]}, variables=variables, groups=[group("base", "view"), group("x")]
    )

    with pytest.raises(InvalidArgument, match="'view' shares objects with 'base'") as caught:
        cut(found, leave_out=["view"])

    assert caught.value.details[0]["path"] == "cell.leave_out.0"
    assert cut(found, leave_out=["view", "base"]).carried == ["x"]


@pytest.mark.parametrize("field", ["carry", "leave_out"])
def test_variables_that_are_not_there_are_named(field: str) -> None:
    with pytest.raises(InvalidArgument, match=f"cell.{field}.0: the checkpoint has no variable"):
        cut(manifest({"free": []}), **{field: ["nope"]})


def test_methods_that_may_not_be_called_do_not_stop_a_node() -> None:
    found = manifest(
        {"free": ["tool"]},
        variables=[info("tool", None), code("Tool", "class"), LOST],
        groups=[group("Tool", uses=("conn",)), group("tool", uses=("Tool",))],
    )

    part = cut(found)

    assert (part.unsaved, part.maybe) == ([], [LOST])


def test_what_nobody_has_set_is_named() -> None:
    found = manifest({"free": ["_", "n", "later", "__name__"], "assigns": ["later"]})

    assert [one.name for one in cut(found).unsaved] == ["_", "n"]
    assert [one.name for one in cut(found, ["n"]).unsaved] == ["_"]


def test_a_survey_tells_of_each_group_whether_it_goes_along() -> None:
    found = manifest(
        {"free": ["f"]},
        variables=[code("f"), *(info(name, 1) for name in ("x", "big", "view", "other"))],
        groups=[
            group("f", uses=("x",)),
            group("x"),
            group("big", "view", size=2000),
            group("other", size=1000),
        ],
    )

    def told(**more: list[str]) -> dict[str, tuple[bool, bool]]:
        groups = survey(found, **{"inputs": [], "carry": [], "leave_out": []} | more)
        assert [one.size for one in groups] == sorted((one.size for one in groups), reverse=True)
        return {one.names[0]: (one.carried, one.used) for one in groups}

    rest = {"big": (False, False), "other": (False, False)}
    assert told() == {"f": (True, True), "x": (True, True)} | rest
    # What only a function left behind uses stays behind, too.
    assert told(leave_out=["f"]) == {"f": (False, True), "x": (False, True)} | rest
    assert told(carry=["view"])["big"] == (True, False)
    assert told(inputs=["other"])["other"] == (True, True)
    with pytest.raises(InvalidArgument) as refused:
        told(leave_out=["big"])
    assert refused.value.details[0]["path"] == "cell.leave_out.0"


def test_what_a_loop_of_the_cell_binds_goes_along_but_is_not_needed() -> None:
    found = manifest(
        {"free": ["steps", "step", "conn", "old"], "perhaps": ["step", "conn", "old"]},
        variables=[info("steps", [1]), LOST, info("old", 1)],
        groups=[group("steps"), group("old")],
    )
    part = cut(found)
    assert part.carried == ["steps", "old"]
    assert not part.unsaved
    assert not part.maybe
