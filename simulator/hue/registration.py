"""Registration of applications: the whitelist and the answer to `POST /api`."""

from dataclasses import dataclass, field
import secrets
import string
from typing import Any

from .answers import (
    BUTTON_NOT_PRESSED,
    INVALID_JSON,
    INVALID_VALUE,
    MISSING,
    NO_PARAMETER,
    Json,
    error,
)

WINDOW = 30.0
ALPHABET = string.ascii_letters + string.digits + "-"
_LETTERS = frozenset(string.ascii_letters + string.digits)


@dataclass(slots=True)
class Whitelist:
    """The applications that the bridge lets in, by their key.

    `former` holds keys that it let in once; `next_username` is what the next
    generated key will be.
    """

    entries: dict[str, Json] = field(default_factory=dict)
    former: set[str] = field(default_factory=set)
    next_username: str | None = None

    def generated(self) -> str:
        """Return a new key, 40 characters long unless a test chose one."""
        chosen, self.next_username = self.next_username, None
        return chosen or "".join(secrets.choice(ALPHABET) for _ in range(40))

    def add(self, key: str, devicetype: str, stamp: str) -> None:
        """Let an application in; the same key again takes the new devicetype."""
        self.entries[key] = {
            "last use date": stamp,
            "create date": stamp,
            "name": devicetype,
        }

    def remove(self, key: str) -> None:
        """Let an application in no more; KeyError for one that was not."""
        del self.entries[key]
        self.former.add(key)

    def is_foreign(self, key: str) -> bool:
        """Return whether this is somebody's key (10 letters at least) but not ours."""
        return len(key) >= 10 and key not in self.entries and key not in self.former


def _is_username(value: Any) -> bool:
    """Return whether the documents allow it: 10 to 40 digits and letters."""
    return isinstance(value, str) and 10 <= len(value) <= 40 and set(value) <= _LETTERS


def _devicetype_error(body: Json, *, modern: bool) -> Json | None:
    """Return what is wrong with the devicetype: 1 to 40 bytes of text."""
    if "devicetype" not in body:
        return error(MISSING, "/")
    value = body["devicetype"]
    if isinstance(value, str) and 1 <= len(value.encode()) <= 40:
        return None
    if value == "" and not modern:
        return error(INVALID_JSON, "/")  # the documented answer, odd as it is
    return error(INVALID_VALUE, "/devicetype", value, "devicetype")


def _errors(body: Json, *, modern: bool) -> tuple[list[Json], bool]:
    """Return what is wrong with a registration, and whether that refuses it."""
    allowed = {"devicetype", "generateclientkey" if modern else "username"}
    errors = [error(NO_PARAMETER, f"/{n}", n) for n in body if n not in allowed]
    refused = bool(errors)
    if not modern and "username" in body and not _is_username(body["username"]):
        errors.append(error(INVALID_VALUE, "/username", body["username"], "username"))
    wrong = _devicetype_error(body, modern=modern)
    if wrong is not None:
        errors.append(wrong)
    return errors, refused or wrong is not None


def answer(
    whitelist: Whitelist, body: Json, stamp: str, *, modern: bool, pressed: bool
) -> list[Json]:
    """Register an application, or say why not.

    A wish for a username that cannot be granted is an error beside the success:
    the application gets a generated one.
    """
    errors, refused = _errors(body, modern=modern)
    if refused:
        return errors
    if not pressed:
        return [error(BUTTON_NOT_PRESSED, "")]
    wanted = body.get("username")
    key = wanted if wanted is not None and not errors else whitelist.generated()
    whitelist.add(key, body["devicetype"], stamp)
    granted = {"username": key}
    if body.get("generateclientkey") is True:
        granted["clientkey"] = secrets.token_hex(16).upper()
    return [*errors, {"success": granted}]
