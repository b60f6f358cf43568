"""A real Home Assistant in a folder of the demo's own."""

import asyncio
from collections.abc import Mapping
import json
import os
from pathlib import Path
import shutil
import sys
from typing import Any

ROOT = Path(__file__).parent.parent
RESTART = 100
"""What `hass` ends with when its user asked for a restart."""

# No default_config: it would look things up on the internet.
_COMPONENTS = (
    "calendar",
    "config",
    "frontend",
    "history",
    "logbook",
    "map",
    "person",
    "sun",
    "system_health",
)
# What people make in the editors is written to these files.
_EDITED = {"automation": "automations", "scene": "scenes", "script": "scripts"}


def configuration(level: str, real: bool) -> str:
    """Return configuration.yaml; a house at sea, so that the map has a centre."""
    components = (*_COMPONENTS, "zeroconf") if real else _COMPONENTS
    return (
        "# Written by scripts/demo at each start.\n"
        + ("" if real else _PLACE)
        + "".join(f"{name}:\n" for name in components)
        + "".join(f"{name}: !include {file}.yaml\n" for name, file in _EDITED.items())
        + _LOGGER.format(level=level)
    )


_PLACE = """homeassistant:
  name: Lantern demo
  latitude: 54.0
  longitude: 7.9
  elevation: 0
  unit_system: metric
  country: DE
  language: en
"""

# Installed in versions other than Home Assistant asks for: see requirements_demo.txt.
SKIP_COMPILED = ("--skip-pip-packages", "pymicro-vad,pyspeex-noise")

DASHBOARD = "lantern-home"

# Cameras and sound want programs of the system's that a demo has no use for; the
# registry tells each new entity, and Home Assistant warns of so many words at once.
_LOGGER = """logger:
  default: {level}
  logs:
    haffmpeg: critical
    homeassistant.components.camera.img_util: critical
    homeassistant.helpers.entity_registry: warning
"""


class Home:
    """Starts and ends the Home Assistant of a folder."""

    def __init__(self, folder: Path, port: int, python: str = sys.executable) -> None:
        """Take the folder that holds its configuration, and its port on loopback."""
        self.folder = folder
        self._python = python
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._process: asyncio.subprocess.Process | None = None

    def prepare(self, level: str, real: bool) -> None:
        """Write the configuration, with this checkout's Lantern in it."""
        components = self.folder / "custom_components"
        components.mkdir(parents=True, exist_ok=True)
        lantern = components / "lantern"
        lantern.unlink(missing_ok=True)
        lantern.symlink_to(ROOT / "custom_components" / "lantern")
        blueprints = Path("blueprints") / "automation" / "lantern"
        # Not a link: Home Assistant looks for blueprints without following any.
        shutil.copytree(ROOT / blueprints, self.folder / blueprints, dirs_exist_ok=True)
        (self.folder / "configuration.yaml").write_text(configuration(level, real))
        for file in _EDITED.values():
            (self.folder / f"{file}.yaml").touch()
        # A port in YAML is only tried: unless somebody confirms it, Home Assistant
        # goes back to the old one after five minutes.
        http = {"server_host": ["127.0.0.1"], "server_port": self._port}
        self._store("http", 1, http)
        if not real and not (self.folder / ".storage" / "onboarding").exists():
            # The demo's user is made over REST; the steps after it would add
            # services on the internet.
            done = ["core_config", "analytics", "integration"]
            self._store("onboarding", 4, {"done": done})
            start = {"core": {"default_panel": DASHBOARD}}
            self._store("frontend.system_data", 1, start)

    def _store(self, key: str, version: int, data: Mapping[str, Any]) -> None:
        """Write one of Home Assistant's stores, before it starts."""
        path = self.folder / ".storage" / key
        path.parent.mkdir(exist_ok=True)
        stored = {"version": version, "minor_version": 1, "key": key, "data": data}
        path.write_text(json.dumps(stored))
        path.chmod(0o600)

    async def start(self) -> None:
        """Start Home Assistant; its words go to its own log file."""
        self._process = await asyncio.create_subprocess_exec(
            self._python,
            "-m",
            "homeassistant",
            "--config",
            str(self.folder),
            *SKIP_COMPILED,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env=_environment(),
        )

    async def wait(self) -> int:
        """Return the exit code once Home Assistant has ended."""
        assert self._process is not None
        return await self._process.wait()

    async def kill(self) -> None:
        """End Home Assistant as a power cut does."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """End Home Assistant as a user would, and by force if it does not."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(60):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    @property
    def log(self) -> Path:
        """Return Home Assistant's log file."""
        return self.folder / "home-assistant.log"


def _environment() -> Mapping[str, str]:
    """Return the environment of Home Assistant: ours, without our own modules."""
    return os.environ | {"PYTHONPATH": ""}
