"""Counting what an instance fails at."""

from __future__ import annotations

from jupyter_node_deploy.nodes.reconcile.failures import STEADY, STUCK_AFTER, Failures


def test_one_start_fails_once() -> None:
    failures = Failures()
    failures.failed(1.0, "first", 10.0)
    failures.failed(1.0, "first", 11.0)
    assert (failures.count, failures.retry_at) == (1, 10.0)
    failures.failed(12.0, "second", 13.0)
    assert (failures.count, failures.reason) == (2, "second")
    assert failures.retry_at > 13.0


def test_being_stuck_is_a_failure_of_each_start() -> None:
    failures, now = Failures(), 100.0
    for start in (1.0, 2.0, 3.0):
        failures.unhealthy(start, "does not answer", now)
        assert not failures.is_stuck(now)
        for _ in range(3):
            now += STUCK_AFTER
            failures.unhealthy(start, "does not answer", now)
        assert failures.is_stuck(now)
        assert failures.count == start
        failures.removed()
        assert not failures.is_stuck(now)


def test_who_is_healthy_for_long_has_failed_never() -> None:
    failures = Failures()
    failures.failed(1.0, "reason", 1.0)
    failures.healthy(2.0)
    failures.unhealthy(2.0, "", 3.0)
    failures.healthy(4.0)
    failures.healthy(4.0 + STEADY - 1)
    assert failures.count == 1
    failures.healthy(4.0 + STEADY)
    assert (failures.count, failures.reason) == (0, "")


def test_what_would_end_the_same_way_is_final_until_somebody_asks() -> None:
    failures = Failures()
    failures.failed(1.0, "no such library", 2.0, tries=1)
    assert failures.is_final
    failures.forget()
    failures.failed(1.0, "no such library", 3.0, tries=1)  # the same start, seen again
    assert not failures.is_final
    failures.failed(4.0, "no such library", 5.0, tries=1)
    assert failures.is_final


def test_what_may_pass_has_more_tries_or_no_end() -> None:
    failures = Failures()
    for start in (1.0, 2.0):
        failures.failed(start, "no network", start, tries=3)
        assert not failures.is_final
    failures.failed(3.0, "no network", 3.0, tries=3)
    assert failures.is_final
    for start in range(10, 50):
        failures.failed(float(start), "no registry", float(start))
        assert not failures.is_final
