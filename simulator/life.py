"""A household that moves by itself, so that a watcher of the demo sees something."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count, cycle
import math

from .world import World

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Habit:
    """What happens again and again: every so many seconds the next step."""

    every: float
    step: Callable[[], None]


class Life:
    """Moves a world on through nothing but its services' control methods."""

    def __init__(self, world: World, pace: float = 1.0) -> None:
        """Take a world; a pace of 0.1 makes everything happen ten times as often."""
        self._world = world
        self._pace = pace
        self.habits = tuple(
            Habit(every, steps.__next__)
            for every, steps in (
                (15, self._drive()),
                (4 * MINUTE, self._alert()),
                (20, self._switch()),
                (7, self._press()),
                (25, self._dial()),
                (30, self._move_about()),
                (MINUTE, self._warm()),
                (1.5 * MINUTE, self._treat()),
                (4 * MINUTE, self._instruct()),
            )
        )

    async def run(self) -> None:
        """Live until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for habit in self.habits:
                tasks.create_task(self._repeat(habit))

    async def _repeat(self, habit: Habit) -> None:
        """Do the next step of a habit, then wait."""
        while True:
            habit.step()
            await asyncio.sleep(habit.every * self._pace)

    # --- Lightbug ---

    def _movers(self) -> list[int]:
        """Return the first two trackers; the others stay where they are."""
        lightbug = self._world.lightbug
        odd = lightbug.odd.values()
        return [number for number in lightbug.trackers if number not in odd][:2]

    def _drive(self) -> Iterator[None]:
        """Trackers drive along their route."""
        while True:
            for tracker in self._movers():
                self._world.lightbug.tick_route(tracker)
            yield

    def _alert(self) -> Iterator[None]:
        """Trackers report something, and how warm it is."""
        kinds = ("button", "geoEntry", "speed", "lowBat")
        for kind, tenths in zip(cycle(kinds), cycle(range(0, 30, 7)), strict=False):
            for tracker in self._movers()[:1]:
                lightbug = self._world.lightbug
                lightbug.add_activity(tracker, kind, name=f"Made-up {kind}")
                lightbug.add_reading(tracker, "temp", 20 + tenths / 10)
            yield

    # --- Hue ---

    def _sensors(self, kind: str) -> list[str]:
        """Return the numbers of the bridge's sensors of a type."""
        sensors = self._world.hue.house.sensors
        return [number for number, sensor in sensors.items() if sensor["type"] == kind]

    def _switch(self) -> Iterator[None]:
        """Somebody switches one lamp after the other, on brighter each time."""
        hue = self._world.hue
        for brightness in cycle((80, 140, 200, 254)):
            for number, light in list(hue.house.lights.items()):
                if number not in hue.house.lights or not light["state"]["reachable"]:
                    continue
                on = not light["state"]["on"]
                dimmed = on and "bri" in light["state"]
                hue.set_light(number, on=on, **({"bri": brightness} if dimmed else {}))
                yield
            yield

    def _press(self) -> Iterator[None]:
        """Somebody presses a dimmer's buttons, then leaves it alone for a while."""
        for button in cycle((1, 2, 3, 4)):
            for event in ("initial_press", "short_release", "", "", ""):
                for number in self._sensors("ZLLSwitch")[:1] if event else ():
                    self._world.hue.press_button(number, button, event)
                yield

    def _dial(self) -> Iterator[None]:
        """Somebody turns a dial to and fro."""
        for direction in cycle(("clock_wise", "counter_clock_wise")):
            for number in self._sensors("ZLLRelativeRotary")[:1]:
                self._world.hue.turn_dial(number, 30, direction)
            yield

    def _move_about(self) -> Iterator[None]:
        """Somebody comes into a room and leaves it."""
        for presence in cycle((True, False)):
            for number in self._sensors("ZLLPresence"):
                self._world.hue.set_sensor(number, state={"presence": presence})
            yield

    def _warm(self) -> Iterator[None]:
        """Rooms get warmer and colder by two degrees within the hour."""
        for minute in count():
            celsius = 21 + 2 * math.sin(minute * math.tau / 60)
            for number in self._sensors("ZLLTemperature"):
                state = {"temperature": round(celsius * 100)}
                self._world.hue.set_sensor(number, state=state)
            yield

    # --- LUX ---

    def _treat(self) -> Iterator[None]:
        """Let the phone carry treatments as they start and end, child after child.

        It leaves the first device alone: its logs are for the client to carry.
        """
        lux = self._world.lux
        for intensity in cycle((3, 4, 5)):
            own = [
                device
                for device in lux.devices.values()
                if lux.own(device.real_user_id)
            ]
            for device in own[1:]:
                start = lux.clock.now().replace(tzinfo=None, microsecond=0)
                upload = partial(
                    lux.phone_upload,
                    device.id,
                    start=start.isoformat(),
                    intensity=intensity,
                )
                upload(temporary=True, duration=30)
                yield
                now = lux.clock.now().replace(tzinfo=None)
                if device.id in lux.devices:
                    upload(duration=max((now - start) // timedelta(seconds=1), 1))
                yield
            yield

    # --- Lucit ---

    def _instruct(self) -> Iterator[None]:
        """Somebody tells the player to reload, unless it has that before it."""
        lucit = self._world.lucit
        while True:
            waiting = any(instruction.status == 0 for instruction in lucit.instructions)
            if lucit.devices and not waiting:
                lucit.queue_instruction()
            yield
