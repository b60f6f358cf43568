"""What LUX's refusals mean: each has a status and words in `detail`."""

from collections.abc import Mapping

from ...transport import parsing
from ...transport.errors import AuthError, Refused, TransportError
from ...transport.http import Answer

USER_NOT_FOUND = "User not found"
USER_DELETED = "User is Deleted"
_NO_USER = frozenset({"User is None", USER_DELETED})
# A 401 with one of these says nothing against the token.
_TOKEN_IS_FINE = _NO_USER | {"Not authorized user", "Sign-up not completed"}


class NotYours(Refused):
    """The child or the device is not this account's."""


class NoSuchDevice(Refused):
    """LUX knows no such device, or the child has none."""


class NoSuchChild(Refused):
    """LUX knows no such child."""


class DeviceTaken(Refused):
    """The device is connected to somebody else."""


class NotConnected(Refused):
    """The device is not connected to this child."""


class LogNotStored(Refused):
    """LUX could not create or update the log."""


class SettingsNotStored(Refused):
    """LUX could not store the notification settings."""


class NoPhone(Refused):
    """The account has no phone number to send a message to."""


class AlertNotSent(Refused):
    """LUX could not send the message."""


_MEANINGS: Mapping[tuple[int, str], type[Refused]] = {
    (401, "Not authorized user"): NotYours,
    (403, "Phone number is not found"): NoPhone,
    (404, "Device not found"): NoSuchDevice,
    (404, "Not Found Device"): NoSuchDevice,
    (404, "Not Found User"): NoSuchChild,
    (409, "Alimtalk send failed"): AlertNotSent,
    (409, "Already Connected Device"): DeviceTaken,
    (409, "Create Device Log Failed"): LogNotStored,
    (409, "Not Connected Device"): NotConnected,
    (409, "Update Device Log Failed"): LogNotStored,
    (409, "User notification update failed"): SettingsNotStored,
}


def words(answer: Answer) -> str:
    """Return an error's `detail`: a text, or FastAPI's list of wrong fields."""
    detail = parsing.as_dict(answer.json_or_none()).get("detail")
    # The list's `input` is what was sent; it is left out.
    problems = (
        parsing.as_str(one.get("msg")) or "" for one in parsing.iter_dicts(detail)
    )
    return parsing.as_str(detail) or "; ".join(problems)


def token_refused(answer: Answer) -> bool:
    """Tell whether a 401 means the token: it has two more meanings at LUX."""
    return answer.status == 401 and words(answer) not in _TOKEN_IS_FINE


def meaning(err: Refused) -> TransportError:
    """Return a refusal as what it means; without a user, nobody is signed in."""
    if err.code == 401 and err.text in _NO_USER:
        return AuthError(err.endpoint, err.text)
    kind = _MEANINGS.get((err.code, err.text), Refused)
    return kind(err.endpoint, err.code, err.text)
