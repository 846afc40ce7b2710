"""Health of instances of any image: asked as declared, judged by thresholds.

What is known is kept in memory only, as a cache: after a restart of the server the instances that
run are asked anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Set
from dataclasses import dataclass

from ..errors import Message
from .base import InstanceStatus
from .probe import ProbeFailed, Prober

#: Seconds between questions to an instance that has not been healthy yet; at most the interval.
_STARTING_INTERVAL = 0.5
#: Seconds to wait for the first answer of an instance that ran before we did.
_ADOPTION = 3.0
#: Seconds that an instance may take to become healthy, or longer if its thresholds say so.
_START_PATIENCE = 60.0


@dataclass(frozen=True)
class Check:
    """How to ask; times in seconds.

    Attributes:
        address: ``HOST:PORT`` of the check.
        type: ``http``, ``grpc``, or ``connect`` when none was declared.
        path: for gRPC the service.
        http2: speak HTTP/2 without TLS.
        fails: bad answers in a row until it is unhealthy.
        passes: good answers in a row until it is healthy.
    """

    address: str
    type: str = "connect"
    path: str = ""
    http2: bool = False
    timeout: float = 1.0
    interval: float = 5.0
    fails: int = 3
    passes: int = 1


@dataclass(frozen=True)
class Verdict:
    """What is known of an instance; ``checked_at`` is in Unix seconds."""

    status: InstanceStatus
    reason: str = ""
    checked_at: float | None = None


class HealthMonitor:
    """Asks every instance it was told of, until it is told of it no more."""

    def __init__(self) -> None:
        self._prober: Prober | None = None
        self._patients: dict[str, _Patient] = {}
        self._since = time.time()

    async def verdict(self, key: str, check: Check, started_at: float) -> Verdict:
        """Return what is known of an instance, and go on asking it.

        Args:
            key: of this run of the instance: another one is judged anew.
            started_at: Unix seconds.
        """
        patient = self._patients.get(key)
        if patient is None or patient.check != check:
            if patient is not None:
                patient.task.cancel()
            self._prober = self._prober or Prober()
            # Whoever serves already, as before a restart of this server, need not prove it at
            # length: its requests would be refused meanwhile.
            adopted = started_at < self._since
            patient = self._patients[key] = _Patient(check, started_at, self._prober, adopted)
        if patient.adopted:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(patient.asked.wait(), _ADOPTION)
        return patient.verdict()

    def keep(self, keys: Set[str]) -> None:
        """Forget all but these."""
        for key in self._patients.keys() - keys:
            self._patients.pop(key).task.cancel()

    async def close(self) -> None:
        """Stop asking."""
        tasks = [patient.task for patient in self._patients.values()]
        self.keep(set())
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._prober is not None:
            await self._prober.close()
            self._prober = None


class _Patient:
    """One run of one instance."""

    def __init__(self, check: Check, started_at: float, prober: Prober, adopted: bool) -> None:
        self.check = check
        self.adopted = adopted
        self.checked_at: float | None = None
        self._started_at = started_at
        self._prober = prober
        self._healthy = self._was_healthy = False
        self._passes = self._fails = 0
        self._reason = ""
        self.asked = asyncio.Event()
        self.task = asyncio.create_task(self._run())

    def verdict(self) -> Verdict:
        """Judge by the answers so far."""
        check = self.check
        if self._healthy:
            if not self._fails:
                return self._is(InstanceStatus.HEALTHY, "")
            late = Message(
                "{failed} of {threshold} health checks failed: {cause}.",
                "HEALTH_CHECKS_BEGIN_TO_FAIL",
                failed=self._fails,
                threshold=check.fails,
                cause=self._reason,
            )
            return self._is(InstanceStatus.HEALTHY, late)
        if self._was_healthy and self._passes:
            reason = Message(
                "{passed} of {threshold} health checks passed since it failed.",
                "HEALTH_CHECKS_PASS_AGAIN",
                passed=self._passes,
                threshold=check.passes,
            )
            return self._is(InstanceStatus.UNHEALTHY, reason)
        if self._was_healthy:
            reason = Message(
                "{failed} health checks in a row failed: {cause}.",
                "HEALTH_CHECKS_FAIL",
                failed=check.fails,
                cause=self._reason,
            )
            return self._is(InstanceStatus.UNHEALTHY, reason)
        patience = max(_START_PATIENCE, check.fails * check.interval)
        if self.checked_at is not None and time.time() - self._started_at > patience:
            reason = Message(
                "It did not pass its health check within {seconds} s: {cause}. Mend the "
                "image or the check; if it only starts slowly, raise the check's interval "
                "or fails threshold.",
                "HEALTH_CHECK_NEVER_PASSED",
                seconds=patience,
                cause=self._reason,
            )
            return self._is(InstanceStatus.UNHEALTHY, reason)
        if not self._fails:
            return self._is(InstanceStatus.PREPARING, Message("It is starting.", "NODE_STARTING"))
        reason = Message("It starts: {cause}.", "INSTANCE_STARTS", cause=self._reason)
        return self._is(InstanceStatus.PREPARING, reason)

    def _is(self, status: InstanceStatus, reason: str) -> Verdict:
        return Verdict(status, reason, self.checked_at)

    async def _run(self) -> None:
        while True:
            try:
                await self._ask()
            except ProbeFailed as failure:
                self._failed(str(failure))
            except Exception as error:  # whatever an image answers must not end the checks
                self._failed(f"the check could not be made: {error}")
            else:
                self._passed()
            self.checked_at = time.time()
            self.asked.set()
            interval = self.check.interval
            if not self._was_healthy:
                interval = min(_STARTING_INTERVAL, interval)
            await asyncio.sleep(interval)

    async def _ask(self) -> None:
        check, prober = self.check, self._prober
        if check.type == "grpc":
            await prober.check_grpc(check.address, check.path, seconds=check.timeout)
        elif check.type == "http":
            await prober.check_http(
                check.address, check.path, http2=check.http2, seconds=check.timeout
            )
        else:
            await prober.connect(check.address, seconds=check.timeout)

    def _passed(self) -> None:
        self._fails = 0
        self._passes += 1
        if self._passes >= self.check.passes or (self.adopted and self.checked_at is None):
            self._healthy = self._was_healthy = True

    def _failed(self, reason: str) -> None:
        self._passes = 0
        self._fails += 1
        self._reason = reason
        if self._fails >= self.check.fails:
            self._healthy = False
