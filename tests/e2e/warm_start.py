"""Imports Home Assistant once, and starts one for each line that it reads.

Its imports are most of a start. Each Home Assistant is a process of its own, forked
before anything of it runs; the last one is killed as soon as another is asked for,
or as nobody asks any more. It is given the arguments that `hass` has.
"""

import os
import signal
import sys
import threading

from homeassistant import __main__ as hass, bootstrap
import homeassistant.components.recorder.statistics  # noqa: F401  # the slowest to import


def end(pid: int) -> None:
    """End a Home Assistant, as a power cut does, if it has not ended by itself."""
    os.kill(pid, signal.SIGKILL)  # until it is waited for, the id is its own
    os.waitpid(pid, 0)


def live() -> int:
    """Be a Home Assistant; return what it ends with."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    return hass.main()


# Of what a home has without asking, nothing else carries a treatment log.
bootstrap.DEFAULT_INTEGRATIONS = {"network"}
bootstrap.CRITICAL_INTEGRATIONS = set()
assert threading.active_count() == 1, "a thread does not outlive a fork"
last = 0
for _ in sys.stdin:
    if last:
        end(last)
    last = os.fork()
    if not last:
        os._exit(live())
    sys.stdout.write(f"{last}\n")
    sys.stdout.flush()
if last:
    end(last)
