"""What a bridge's answers mean: v1 tells its errors in the body, with status 200."""

from collections.abc import Mapping
from typing import Any

from ...transport import parsing
from ...transport.errors import BadAnswer, Refused, Unreachable
from ...transport.http import Answer

UNAUTHORIZED = 1
INVALID_JSON = 2
_NO_RESOURCE = 3
_NO_METHOD = 4
NO_PARAMETER = 6
INVALID_VALUE = 7
_NOT_PRESSED = 101
_NOT_FOUND = 404
_NOT_ALLOWED = 405
# 901 and 951: an overloaded bridge's internal errors.
_BUSY = range(900, 1000)


class BridgeError(Refused):
    """The bridge named an error: `code` is its type, `address` what it is about."""

    def __init__(self, endpoint: str, code: int, text: str, address: str) -> None:
        """Keep what the bridge said."""
        super().__init__(endpoint, code, text)
        self.address = address


class ButtonNotPressed(BridgeError):
    """The link button was not pressed in the last 30 seconds."""


def members_of(answer: Answer) -> list[Mapping[str, Any]] | None:
    """Return the members of a v1 array, None if the answer is none."""
    if not answer.body.lstrip().startswith(b"["):
        return None
    members = answer.json_or_none()
    return None if members is None else list(parsing.iter_dicts(members))


def errors_in(endpoint: str, members: list[Mapping[str, Any]]) -> list[BridgeError]:
    """Return the errors among the members of a v1 array."""
    errors = []
    for member in members:
        if error := parsing.as_dict(member.get("error")):
            code = parsing.as_int(error.get("type")) or 0
            kind = ButtonNotPressed if code == _NOT_PRESSED else BridgeError
            text = parsing.as_name(error.get("description")) or f"error {code}"
            address = parsing.as_str(error.get("address")) or ""
            errors.append(kind(endpoint, code, text, address))
    return errors


def is_unauthorized(answer: Answer) -> bool:
    """Return True if the bridge does not know our key: error 1, or a 401 or 403.

    Errors in the body count before the status: deCONZ sends error 101 with a 403.
    """
    if errors := errors_in(answer.endpoint, members_of(answer) or []):
        return any(error.code == UNAUTHORIZED for error in errors)
    return answer.status in (401, 403)


def is_busy(answer: Answer) -> bool:
    """Return True if the bridge names an internal error, which passes by itself."""
    errors = errors_in(answer.endpoint, members_of(answer) or [])
    return any(error.code in _BUSY for error in errors)


def is_absent(err: Refused) -> bool:
    """Return True if the bridge has no such collection: error 3, 4, a 404 or 405."""
    return err.code in (_NO_RESOURCE, _NO_METHOD, _NOT_FOUND, _NOT_ALLOWED)


def is_nothing(answer: Answer) -> bool:
    """Return True for an emulator's ways to write that there is nothing."""
    return answer.body.strip() in (b"", b"[]", b"null")


def error_decides(answer: Answer) -> bool:
    """Return whether an answer is an array of errors, whatever its status."""
    return bool(errors_in(answer.endpoint, members_of(answer) or []))


def named(endpoint: str, resources: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a collection by number; raise BadAnswer if nothing in it has a name.

    Of what is listed twice, the first counts; a dial's buttons may share its address.
    """
    if resources and not any(
        isinstance(parsing.as_dict(resource).get("name"), str)
        for resource in resources.values()
    ):
        raise BadAnswer(endpoint, "nothing with a name")
    first: dict[tuple[str, str], str] = {}
    for number, resource in resources.items():
        if parsing.as_id(number) is None:
            continue
        if isinstance(own := parsing.as_dict(resource).get("uniqueid"), str):
            first.setdefault((own, str(resource.get("type"))), number)
        else:
            first["", number] = number
    return {number: resources[number] for number in first.values()}


def object_in(answer: Answer) -> Mapping[str, Any]:
    """Return an answer's JSON object; an array in its place is an error."""
    if is_busy(answer):
        raise Unreachable(answer.endpoint, "busy")
    if errors := errors_in(answer.endpoint, members_of(answer) or []):
        raise errors[0]
    resources = answer.json()
    if not isinstance(resources, Mapping):
        raise BadAnswer(answer.endpoint, "not an object")
    return resources
