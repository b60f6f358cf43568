"""Checks of a command that meets a fault: the error that it raises, or none."""

from homeassistant.exceptions import HomeAssistantError

from . import kinds
from .kinds import Kind
from .life import Life
from .requests import Command

_ERRORS = {
    **dict.fromkeys(kinds.UNREACHABLE, "cannot_connect"),
    **dict.fromkeys(kinds.NONSENSE, "bad_answer"),
    **dict.fromkeys((*kinds.LIMITS, kinds.TOO_MANY), "rate_limited"),
    **dict.fromkeys((kinds.ONCE_401, kinds.ALWAYS_401), "invalid_auth"),
    **dict.fromkeys((kinds.FORBIDDEN, kinds.NOT_FOUND), "refused"),
}
_REPEATABLE = ("GET", "PUT", "DELETE")


async def _perform(life: Life, command: Command) -> str | None:
    """Perform a command; return the translation key of its error, if any."""
    try:
        await life.live(command.act(life))
    except HomeAssistantError as err:
        return err.translation_key or f"in no language: {err!r}"
    return None


async def _assert_works(life: Life, command: Command) -> None:
    assert (error := await _perform(life, command)) is None, f"afterwards: {error}"
    await life.poll()
    life.is_quiet()


async def command_fails(life: Life, kind: Kind, key: str, command: Command) -> None:
    """Expect an error of the action, and nothing sent twice."""
    asked = life.service.count(key)
    words = command.words.get(kind, _ERRORS[kind])
    error = await _perform(life, command)
    sent = life.service.count(key) - asked
    busy = life.busy_tries > 1 and kind in (kinds.BUSY, kinds.TOO_MANY)
    assert error == ("cannot_connect" if busy else words), f"told: {error}"
    most = life.busy_tries if busy else 1
    # A kept connection that is cut is tried once more with what may be repeated.
    most += (
        kind in (kinds.RESET, kinds.LOST) and key.split(maxsplit=1)[0] in _REPEATABLE
    )
    most += kind in (kinds.ONCE_401, kinds.ALWAYS_401)
    assert sent <= most, f"sent {sent} times"
    life.is_quiet()
    await life.end()
    await (life.peace() if kind.waits else life.poll())
    life.is_quiet()
    await _assert_works(life, command)


async def command_needs_sign_in(
    life: Life, kind: Kind, key: str, command: Command
) -> None:
    """Expect an error of the action, and one request for a new sign-in."""
    for _ in range(1 if kind.once else 2):
        error = await _perform(life, command)
        assert error == _ERRORS[kinds.ALWAYS_401], f"told: {error}"
    assert len(life.flows) == 1, f"{len(life.flows)} asked to sign in"
    assert (lines := life.lines()) == [], f"logged: {lines}"
    await life.end()
    await life.reload()
    await _assert_works(life, command)


async def command_done(life: Life, kind: Kind, key: str, command: Command) -> None:
    """Expect no error of the action."""
    assert (error := await _perform(life, command)) is None, f"told: {error}"
    life.is_quiet()
    await life.end()
    await life.poll()
    await _assert_works(life, command)
