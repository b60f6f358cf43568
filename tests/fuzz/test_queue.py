"""The queue of treatment logs and its uploader, killed at any moment, on a real disk."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import shutil
import tempfile
from typing import Any, override

from homeassistant.core import HomeAssistant
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from custom_components.lantern.lux.client.api import LuxApi
from custom_components.lantern.lux.client.treatment_log import Ending, TreatmentLog
from custom_components.lantern.lux.device_queue import LogRefused
from custom_components.lantern.lux.upload_queue import UploadQueue
from custom_components.lantern.lux.uploader import Uploader
from custom_components.lantern.storage import StorageError
from custom_components.lantern.transport.rate_limit import RateLimit
from custom_components.lantern.transport.tokens import Token

from .answers import Canned

ACCOUNT = "made-up"
DEVICE = "lux:lux-unit-0001"
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
ROW = {"id": 811, "real_user_id": 7301, "unique_id": "lux-unit-0001"}
FAULTS = ["none", "none", "none", "lost", "half", "half refused", "refused", "down"]
FAULTS += ["killed", "killed half", "killed after"]


class Killed(BaseException):
    """The process is gone."""


class Service:
    """LUX as far as logs go: a counter, and what was stored under each number."""

    def __init__(self) -> None:
        """Start with twelve logs of the phone's."""
        self.counter = 12
        self.ours: list[int] = []
        self.temporary = 0
        self.fault = "none"

    @asynccontextmanager
    async def request(
        self, method: str, url: str, **content: Any
    ) -> AsyncGenerator[Canned]:
        """Answer the two calls that the uploader makes."""
        if url.endswith("get-all-device"):
            row = ROW | {"last_log_file_id": self.counter}
            yield Canned(200, {}, json.dumps([row]).encode())
            return
        fault, self.fault = self.fault, "none"
        if fault == "killed":
            raise Killed
        if fault == "down":
            yield Canned(503, {}, b"")
            return
        if fault == "refused":
            detail = {"detail": "Not Connected Device"}
            yield Canned(409, {}, json.dumps(detail).encode())
            return
        logs = content["json"]["log_arrays"]
        self._store(logs[: len(logs) // 2] if "half" in fault else logs)
        if fault == "half refused":
            detail = {"detail": "Create Device Log Failed"}
            yield Canned(409, {}, json.dumps(detail).encode())
            return
        if fault.startswith("killed"):
            raise Killed
        if fault in ("lost", "half"):
            raise TimeoutError
        yield Canned(200, {}, b'{"statusCode": 200}')

    def _store(self, logs: list[dict[str, Any]]) -> None:
        for log in logs:
            number = log.get("log_file_id")
            if number is None:
                assert len(logs) == 1
                self.temporary += 1
                return
            assert number > self.counter, "a log was stored twice, or out of order"
            self.counter = number
            self.ours.append(number)


class Entry:
    """What the uploader needs of a config entry."""

    entry_id = "entry"

    def __init__(self) -> None:
        """Remember what is to be called at the end."""
        self.unloads: list[Callable[[], None]] = []
        self.tasks: list[asyncio.Task[Any]] = []

    def async_on_unload(self, call: Callable[[], None]) -> None:
        """Call something at the end."""
        self.unloads.append(call)

    def async_create_background_task(
        self, _: HomeAssistant, work: Coroutine[Any, Any, Any], __: str
    ) -> asyncio.Task[Any]:
        """Start work."""
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]

    def async_start_reauth(self, _: HomeAssistant) -> None:
        """Nobody signs us out here."""
        raise AssertionError


class Life:
    """One run of Home Assistant: queue and uploader on what lies on the disk."""

    def __init__(self, hass: HomeAssistant, service: Service) -> None:
        """Start anew."""
        self.hass = hass
        self.config_entry: Any = Entry()
        session: Any = service
        self.api = LuxApi(session, "http://127.0.0.1", RateLimit())
        self.api.use(Token(access_token="made-up"))
        self.queue = UploadQueue(hass, ACCOUNT)
        coordinator: Any = self
        self.uploader = Uploader(
            coordinator,
            self.api,
            self.queue,
            refresh_counters=self.refresh_counters,
            is_newest=lambda _, __: True,
            save_uploaded=self.queue.async_drop_uploaded,
            handle_finished=lambda: None,
        )

    async def refresh_counters(self) -> None:
        """Ask for the counters."""
        answer = await self.api.get_devices()
        await self.queue.async_update(
            {f"lux:{device.key}": device for device in answer.devices}
        )


def treatment(number: int | None, minute: int) -> TreatmentLog:
    """Return a log; without a number it is temporary."""
    ending = None if number is None else Ending.NORMAL
    start = BEGAN + timedelta(minutes=minute)
    return TreatmentLog(start, 60, 3, ending, number, queued=start)


class QueueMachine(RuleBasedStateMachine):
    """Logs are handed over, sent, refused, deleted, while processes die."""

    def __init__(self) -> None:
        """Start on an empty disk."""
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="lantern-queue"))
        self.runner = asyncio.Runner()
        self.service = Service()
        self.promised: dict[int, TreatmentLog] = {}
        self.temporaries: list[TreatmentLog] = []
        self.minute = 0
        self.run(self._begin())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something in the loop."""
        return self.runner.run(work)

    async def _begin(self) -> None:
        self.hass = HomeAssistant(str(self.folder))
        self.life = Life(self.hass, self.service)
        await self.life.queue.async_load()
        await self.life.refresh_counters()

    @property
    def queue(self) -> UploadQueue:
        """Return the queue of this run."""
        return self.life.queue

    @property
    def waiting(self) -> Mapping[int, TreatmentLog]:
        """Return the completed logs that wait, by number."""
        logs = self.queue.devices[DEVICE].logs
        return {log.log_file_id: log for log in logs if log.log_file_id is not None}

    @rule(numbers=st.lists(st.integers(1, 30), min_size=1, max_size=4))
    def hand_over(self, numbers: list[int]) -> None:
        """Hand logs over: all are promised, or none."""
        self.minute += 1
        logs = [treatment(number, self.minute) for number in numbers]
        before = self.queue.devices
        try:
            self.run(self.queue.async_put(DEVICE, logs))
        except LogRefused:
            assert self.queue.devices == before
        else:
            for log in logs:
                assert log.log_file_id is not None
                self.promised.setdefault(log.log_file_id, log)

    @rule(ahead=st.integers(0, 1), count=st.integers(2, 60))
    def hand_over_backlog(self, ahead: int, count: int) -> None:
        """Hand logs over that go in few requests."""
        first = self.service.counter + 1 + ahead
        self.hand_over(list(range(first, first + count)))

    @rule()
    def hand_over_temporary(self) -> None:
        """Tell that a treatment is going on."""
        self.minute += 1
        log = treatment(None, self.minute)
        self.run(self.queue.async_put(DEVICE, [log]))
        self.temporaries.append(log)

    @rule(count=st.integers(1, 3))
    def phone_uploads(self, count: int) -> None:
        """Let the phone store the next logs itself."""
        self.service.counter += count

    @rule(fault=st.sampled_from(FAULTS))
    def send(self, fault: str) -> None:
        """Let the uploader run; its process may die on the way."""
        self.service.fault = fault

        async def work() -> None:
            self.life.uploader.async_start()
            for task in self.life.config_entry.tasks:
                with suppress(Killed):
                    await task
            self.life.config_entry.tasks.clear()

        with suppress(Killed):
            self.run(work())
        self.service.fault = "none"
        if fault.startswith("killed"):
            self.killed()

    @rule()
    def killed(self) -> None:
        """Let the process die; the next one knows what is on the disk."""
        for call in self.life.config_entry.unloads:
            call()
        before = self.queue.devices
        self.run(self._begin())
        after = self.queue.devices
        assert [queue.logs for queue in before.values()] == [
            queue.logs for queue in after.values()
        ]

    @rule(number=st.integers(1, 30))
    def disk_is_full(self, number: int) -> None:
        """Promise nothing that cannot be written, and lose nothing else."""
        storage, away = self.folder / ".storage", self.folder / "away"
        storage.rename(away)
        storage.write_text("no folder")
        before = self.queue.devices
        # It may be refused, or be there already.
        with suppress(StorageError, LogRefused):
            self.run(self.queue.async_put(DEVICE, [treatment(number, 0)]))
        assert self.queue.devices == before
        storage.unlink()
        away.rename(storage)

    @precondition(lambda self: self.queue.devices[DEVICE].blocked is not None)
    @rule(delete=st.booleans())
    def mend(self, delete: bool) -> None:
        """Let a person send a refused log again, or delete it."""
        refused = self.queue.devices[DEVICE].refused
        assert refused is not None
        if not delete:
            self.run(self.queue.async_send_again(DEVICE))
            return
        self.run(self.queue.async_delete(DEVICE, [refused]))
        if refused.log_file_id is None:
            self.temporaries.remove(refused)
        else:
            del self.promised[refused.log_file_id]

    @precondition(lambda self: self.queue.devices[DEVICE].gap)
    @rule()
    def send_anyway(self) -> None:
        """Let a person send the logs in spite of missing numbers."""
        self.run(self.queue.async_send_anyway(DEVICE))

    @invariant()
    def nothing_is_lost(self) -> None:
        """Keep or store what was promised, and nothing else."""
        waiting = self.waiting
        for number, log in self.promised.items():
            assert waiting.get(number) == log or number <= self.service.counter
        assert waiting.items() <= self.promised.items()

    @invariant()
    def in_order(self) -> None:
        """Keep completed logs in the order of their numbers, each of them once."""
        numbers = self.queue.devices[DEVICE].numbers
        assert numbers == sorted(set(numbers))
        assert self.service.ours == sorted(set(self.service.ours))

    @override
    def teardown(self) -> None:
        """Let all of it get there, once everything works and people help."""
        try:
            self.mend_all()
            assert self.queue.unsent == 0
            for number in self.promised:
                assert number <= self.service.counter
        finally:
            for call in self.life.config_entry.unloads:
                call()
            self.run(self.hass.async_stop(force=True))
            self.runner.close()
            shutil.rmtree(self.folder)

    def mend_all(self) -> None:
        """Do what the repairs offer until nothing waits."""
        for _ in range(3):
            if self.queue.devices[DEVICE].blocked is not None:
                self.run(self.queue.async_send_again(DEVICE))
            self.send("none")
            if self.queue.devices[DEVICE].gap:
                self.send_anyway()


TestQueue = QueueMachine.TestCase
# Each example is twenty steps on a real disk.
TestQueue.settings = settings(
    max_examples=settings().max_examples // 5, stateful_step_count=20
)
