"""The contract type of our own for import-linter: what it lets through and what it does not."""

import grimp
import pytest

from scripts.import_contracts import OnlyContract


@pytest.fixture
def graph():
    graph = grimp.ImportGraph()
    for module in ("house", "house.agent", "house.agent.hook", "house.space", "house.spaceship"):
        graph.add_module(module)
    for module in ("json", "tornado"):
        graph.add_module(module, is_squashed=True)
    graph.add_import(importer="house.agent", imported="house.agent.hook")
    graph.add_import(importer="house.agent.hook", imported="json")
    graph.add_import(importer="house.agent.hook", imported="house.space")
    return graph


def strangers(graph):
    contract = OnlyContract(
        name="agent",
        session_options={},
        contract_options={"modules": ["house.agent"], "allowed": ["house.space"]},
    )
    check = contract.check(graph, verbose=False)
    assert check.kept == (not check.metadata["strangers"])
    return check.metadata["strangers"]


def test_standard_library_own_modules_and_allowed_ones_are_kept(graph):
    assert strangers(graph) == []


@pytest.mark.parametrize("imported", ["tornado", "house", "house.spaceship"])
def test_all_else_is_named(graph, imported):
    graph.add_import(importer="house.agent.hook", imported=imported)
    assert strangers(graph) == [("house.agent.hook", imported)]
