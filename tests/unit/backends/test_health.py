"""Thresholds of health checks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from jupyter_node_deploy.backends.base import InstanceStatus
from jupyter_node_deploy.backends.health import Check, HealthMonitor, Verdict
from jupyter_node_deploy.web.message import Request, Response
from jupyter_node_deploy.web.server import Server


class Patient:
    """A server whose health is set by the test, and which counts how often it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.asked = 0

    async def answer(self, request: Request) -> Response:
        self.asked += 1
        return Response(self.status)


@pytest.fixture
async def patient() -> Patient:
    return Patient()


@pytest.fixture
async def address(patient: Patient) -> AsyncIterator[str]:
    server = Server(patient.answer)
    bound = await server.start("127.0.0.1:0")
    yield str(bound)
    await server.stop(0)


@pytest.fixture
async def monitor() -> AsyncIterator[HealthMonitor]:
    one = HealthMonitor()
    yield one
    await one.close()


def check(address: str, *, passes: int = 3, interval: float = 0.02) -> Check:
    return Check(address, "http", "/health", timeout=5, interval=interval, fails=3, passes=passes)


async def seen(
    monitor: HealthMonitor, check: Check, wanted: Callable[[Verdict], bool], started: float
) -> Verdict:
    async with asyncio.timeout(30):
        while True:
            verdict = await monitor.verdict("a", check, started)
            if wanted(verdict):
                return verdict
            await asyncio.sleep(0.005)


async def test_thresholds(monitor: HealthMonitor, patient: Patient, address: str) -> None:
    now = time.time() + 1
    patient.status = 503
    first = await monitor.verdict("a", check(address), now)
    assert (first.status, first.checked_at) == (InstanceStatus.PREPARING, None)
    failing = await seen(monitor, check(address), lambda one: "503" in one.reason, now)
    assert failing.status is InstanceStatus.PREPARING

    patient.status, patient.asked = 200, 0
    good = await seen(
        monitor, check(address), lambda one: one.status is InstanceStatus.HEALTHY, now
    )
    assert patient.asked >= 3
    assert good.reason == ""
    assert good.checked_at is not None

    patient.status, patient.asked = 500, 0
    bad = await seen(
        monitor, check(address), lambda one: one.status is InstanceStatus.UNHEALTHY, now
    )
    assert patient.asked >= 3
    assert "3 health checks in a row failed: /health answered with HTTP status 500" in bad.reason

    patient.status = 200
    await seen(monitor, check(address), lambda one: one.status is InstanceStatus.HEALTHY, now)


async def test_who_served_before_needs_one_good_answer(
    monitor: HealthMonitor, patient: Patient, address: str
) -> None:
    slow = check(address, passes=5, interval=3600)
    verdict = await monitor.verdict("a", slow, time.time() - 100)
    assert verdict.status is InstanceStatus.HEALTHY


async def test_a_start_that_takes_too_long(
    monitor: HealthMonitor, patient: Patient, address: str
) -> None:
    patient.status = 404
    verdict = await monitor.verdict("a", check(address), time.time() - 100)
    assert verdict.status is InstanceStatus.UNHEALTHY
    assert "within 60 s" in verdict.reason
    assert "404" in verdict.reason


async def test_another_run_is_judged_anew(
    monitor: HealthMonitor, patient: Patient, address: str
) -> None:
    now = time.time() + 1
    await seen(monitor, check(address), lambda one: one.status is InstanceStatus.HEALTHY, now)
    assert (await monitor.verdict("b", check(address), now)).status is InstanceStatus.PREPARING
    monitor.keep({"b"})
    assert (await monitor.verdict("a", check(address), now)).checked_at is None


async def test_a_port_that_takes_connections(monitor: HealthMonitor, address: str) -> None:
    now = time.time() + 1
    plain = Check(address, interval=0.02)
    await seen(monitor, plain, lambda one: one.status is InstanceStatus.HEALTHY, now)
