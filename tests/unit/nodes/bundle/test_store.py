"""BundleStore of many nodes, and what a crash leaves of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_node_deploy.nodes.bundle.store import BundleStore


@pytest.fixture
def bundles(tmp_path: Path) -> BundleStore:
    return BundleStore(tmp_path / "bundles")


def make(bundles: BundleStore, node: str, revision: int) -> None:
    with bundles.reserve(node) as reservation:
        reservation.build.mkdir()
        (reservation.build / "node.json").write_text("{}")
        reservation.place(revision)
        reservation.keep()


def test_a_kept_bundle_stays(bundles: BundleStore) -> None:
    make(bundles, "n", 1)
    assert (bundles.path("n", 1) / "node.json").exists()
    assert bundles.present() == ["n"]


@pytest.mark.parametrize("placed", [False, True])
def test_what_is_not_kept_leaves_no_trace(bundles: BundleStore, placed: bool) -> None:
    with bundles.reserve("n") as reservation:
        reservation.build.mkdir()
        if placed:
            reservation.place(1)
    assert bundles.present() == []


def test_an_older_bundle_survives_a_failed_one(bundles: BundleStore) -> None:
    make(bundles, "n", 1)
    with bundles.reserve("n") as reservation:
        reservation.build.mkdir()
    assert bundles.path("n", 1).is_dir()


def test_nothing_is_at_rest_while_it_is_made(bundles: BundleStore) -> None:
    with bundles.reserve("n"), bundles.at_rest("n") as at_rest:
        assert not at_rest
    make(bundles, "n", 1)
    with bundles.at_rest("n") as at_rest:
        assert at_rest
    with bundles.at_rest("unknown") as at_rest:
        assert at_rest


def test_what_a_crash_left_in_the_making_goes(bundles: BundleStore) -> None:
    make(bundles, "n", 1)
    (bundles.root / "n" / ".build-0").mkdir()
    for revision in (2, 3):  # placed; of one the catalog was told
        bundles.path("n", revision).mkdir()
        (bundles.root / "n" / f".placed-{revision}").touch()
    bundles.tidy("n", {1, 2})
    assert sorted(one.name for one in (bundles.root / "n").iterdir()) == [".lock", "1", "2"]


def test_a_finished_bundle_stays_though_the_catalog_does_not_know_it(bundles: BundleStore) -> None:
    make(bundles, "n", 1)
    bundles.tidy("n", set())
    assert bundles.revisions("n") == [1]
    bundles.remove("n")
    assert bundles.present() == []


def test_what_is_left_of_a_first_bundle_goes_with_its_directory(bundles: BundleStore) -> None:
    (bundles.root / "n" / ".build-0").mkdir(parents=True)
    bundles.tidy("n", set())
    assert bundles.present() == []


def test_a_directory_that_was_deleted_meanwhile_is_made_again(bundles: BundleStore) -> None:
    make(bundles, "n", 1)
    bundles.remove("n")
    make(bundles, "n", 1)
    assert bundles.path("n", 1).is_dir()
