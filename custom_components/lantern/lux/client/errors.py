"""What LUX's refusals mean: each has a status and words in `detail`."""

from collections.abc import Mapping
from typing import ClassVar

from ...transport import parsing
from ...transport.errors import AuthError, Refused, TransportError, Unreachable
from ...transport.http import Answer

USER_NOT_FOUND = "User not found"
USER_DELETED = "User is Deleted"
_NOT_YOURS = "Not authorized user"
_SIGN_UP = frozenset({"Sign-up not completed"})
# What a 401 says that means the account or a child, not the token.
_MEANINGFUL = frozenset({"User is None", USER_DELETED, _NOT_YOURS})


class LuxRefused(Refused):
    """LUX said no; `key` names the text that says so in words."""

    key: ClassVar[str] = "lux_refused"
    is_callers_fault: ClassVar[bool] = False


class NotYours(LuxRefused):
    """The child or the device is not this account's."""

    key = "not_yours"
    is_callers_fault = True


class NoSuchDevice(LuxRefused):
    """LUX knows no such device."""

    key = "no_such_device"
    is_callers_fault = True


class ChildWithoutDevice(NoSuchDevice):
    """The child has no device."""

    key = "child_without_device"


class NoSuchChild(LuxRefused):
    """LUX knows no such child."""


class NoSuchUser(LuxRefused):
    """LUX does not know the account."""


class DeviceTaken(LuxRefused):
    """The device is connected to somebody else."""

    key = "device_taken"
    is_callers_fault = True


class NotConnected(LuxRefused):
    """The device is not connected to this child."""

    key = "not_connected"
    is_callers_fault = True


class WrongFields(LuxRefused):
    """LUX cannot read what it was sent."""


class LogNotStored(LuxRefused):
    """LUX could not create or update the log: its own fault."""


class SettingsNotStored(LuxRefused):
    """LUX could not store the notification settings: its own fault."""

    key = "settings_not_stored"


class NoPhone(LuxRefused):
    """The account has no phone number to send a message to."""

    key = "no_phone"
    is_callers_fault = True


class AlertNotSent(LuxRefused):
    """LUX could not send the message: its own fault."""

    key = "alert_not_sent"


class AlertUnconfirmed(Unreachable):
    """LUX did not confirm the message, which may have gone all the same."""

    key = "alert_unconfirmed"
    is_callers_fault = False
    text = ""


class NoSuchRoute(LuxRefused):
    """LUX has nothing at this address, maybe just now: no word about a device."""


_MEANINGS: Mapping[tuple[int, str], type[LuxRefused]] = {
    (code, text.casefold()): kind
    for code, text, kind in (
        (401, _NOT_YOURS, NotYours),
        (403, "Phone number is not found", NoPhone),
        (404, "Device not found", ChildWithoutDevice),
        (404, "Not Found Device", NoSuchDevice),
        (404, "Not Found User", NoSuchChild),
        (404, "Resource not found", NoSuchRoute),
        (404, USER_NOT_FOUND, NoSuchUser),
        (409, "Alimtalk send failed", AlertNotSent),
        (409, "Already Connected Device", DeviceTaken),
        (409, "Create Device Log Failed", LogNotStored),
        (409, "Not Connected Device", NotConnected),
        (409, "Update Device Log Failed", LogNotStored),
        (409, "User notification update failed", SettingsNotStored),
    )
}

FOR_GOOD = (NotYours, NoSuchDevice, NoSuchChild, NotConnected, WrongFields)
"""What LUX says of a log that it will not take. It may take all others later."""


def words(answer: Answer) -> str:
    """Return an error's `detail`: a text, or FastAPI's list of wrong fields."""
    detail = parsing.as_dict(answer.json_or_none()).get("detail")
    # The list's `input` is what was sent; it is left out.
    problems = (
        parsing.as_str(problem.get("msg")) or ""
        for problem in parsing.iter_dicts(detail)
    )
    return parsing.as_str(detail) or "; ".join(problems)


def token_refused(answer: Answer, *, renewable: bool) -> bool:
    """Return True for a 401 that a new token may help against.

    Any may, whatever it says, but for that of a sign-in. Where there is no new token,
    what a 401 says is worth more.
    """
    fine = _SIGN_UP if renewable else _SIGN_UP | _MEANINGFUL
    return answer.status == 401 and words(answer) not in fine


def meaning(err: Refused) -> TransportError:
    """Return a refusal as what it means."""
    kind = _MEANINGS.get((err.code, err.text.casefold()), LuxRefused)
    if err.code == 422:
        kind = WrongFields
    if err.code == 401 and kind is LuxRefused:
        return AuthError(err.endpoint, err.text)
    return kind(err.endpoint, err.code, err.text)


def child_refused(err: AuthError) -> TransportError:
    """Return what a 401 means for a request that names a child or a device."""
    if err.text == _NOT_YOURS:
        return NotYours(err.endpoint, 401, err.text)
    return err


def session_over(endpoint: str, text: str) -> AuthError:
    """Return the error of a session that has ended: no word about a child."""
    return AuthError(endpoint, "" if text == _NOT_YOURS else text)
