"""What people type, what editors and git start: scripts, tasks, the container."""

import json
import os
from pathlib import Path
import re
import subprocess
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted(
    path
    for folder in ("scripts", ".ci")
    for path in (ROOT / folder).iterdir()
    if path.is_file() and path.suffix != ".py"
)
PREREQUISITES = {"ca-certificates", "git", "python3", "python3-venv"}


def read(path: str) -> str:
    """Return a file's text."""
    return (ROOT / path).read_text()


def read_json(path: str) -> Any:
    """Return a file's JSON, which may have lines of comments."""
    return json.loads(re.sub(r"^\s*//.*$", "", read(path), flags=re.MULTILINE))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_script(path: Path) -> None:
    """A script can be run, is bash, and stops at the first thing that fails."""
    assert os.access(path, os.X_OK)
    text = path.read_text()
    assert text.startswith("#!/usr/bin/env bash\n# ")
    assert "\nset -euo pipefail\n" in text
    done = subprocess.run(["bash", "-n", path], capture_output=True, check=False)
    assert done.stderr == b""


@pytest.mark.parametrize(
    "command",
    [
        *(task["command"] for task in read_json(".vscode/tasks.json")["tasks"]),
        read_json(".devcontainer/devcontainer.json")["postCreateCommand"],
        yaml.safe_load(read(".pre-commit-config.yaml"))["repos"][0]["hooks"][0][
            "entry"
        ],
    ],
)
def test_commands_of_editors_and_git(command: str) -> None:
    """What they start is there."""
    assert os.access(ROOT / command.split(maxsplit=1)[0], os.X_OK)


def test_prerequisites() -> None:
    """The container, and the root that proves it to be enough, have the same."""
    proven = re.search(r"^readonly packages=(\S+)", read("scripts/fresh"), re.MULTILINE)
    assert proven is not None
    assert set(proven[1].split(",")) == PREREQUISITES
    installed = re.search(r"recommends ([^\\]+)", read(".devcontainer/Dockerfile"))
    assert installed is not None
    assert set(installed[1].split()) == PREREQUISITES


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """Give the environment of a machine that has nothing but a shell's own tools."""
    for name in ("bash", "cat", "cksum", "dirname", "flock", "mktemp", "rm", "sed"):
        for folder in ("/usr/bin", "/bin"):
            if (Path(folder) / name).exists():
                (tmp_path / name).symlink_to(Path(folder) / name)
                break
    return {"PATH": str(tmp_path), "HOME": str(tmp_path)}


def test_fresh_says_what_it_lacks(bare: dict[str, str]) -> None:
    """It fails, and does not pass over it, where it cannot run."""
    done = subprocess.run(
        ["bash", ROOT / "scripts" / "fresh"],
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    lacks = "'mmdebstrap'" if os.geteuid() == 0 else "run it as root"
    assert lacks in done.stderr
