"""The failures of all services, as exceptions.

The text of an error holds an endpoint's name and a reason from our own words:
never a URL, a payload or a library's message, because those can hold secrets.
"""


class TransportError(Exception):
    """A request failed; `endpoint` names it without its parameters."""

    def __init__(self, endpoint: str, reason: str = "") -> None:
        """Initialize with what may be shown of the failure."""
        super().__init__(f"{endpoint}: {reason}" if reason else endpoint)
        self.endpoint = endpoint
        self.reason = reason


class AuthError(TransportError):
    """The service does not accept who we are; only a person can fix it.

    `text` holds the service's words, for decisions, not for logs.
    """

    def __init__(self, endpoint: str, text: str = "") -> None:
        """Keep the service's own words apart from the error's text."""
        super().__init__(endpoint, "not authorized")
        self.text = text


class RateLimited(TransportError):
    """The service wants nothing from this account for `retry_after` seconds."""

    def __init__(self, endpoint: str, retry_after: float) -> None:
        """Keep the seconds to wait."""
        super().__init__(endpoint, f"rate limited for {retry_after:.0f} s")
        self.retry_after = retry_after


class Unreachable(TransportError):
    """No usable connection: refused, cut, timed out, or a 5xx."""


class TimedOut(Unreachable):
    """No answer came in time."""


class BadAnswer(TransportError):
    """An answer came that is not what the contract says."""


class Untrusted(TransportError):
    """The other end is not the one that we were linked with."""

    def __init__(self, endpoint: str) -> None:
        """Initialize with the endpoint that is not trusted."""
        super().__init__(endpoint, "another certificate or identity")


class Refused(TransportError):
    """The service understood and said no: a 4xx with a meaning.

    `code` is the HTTP status or the service's own number, `text` its words;
    the words are for decisions and for the user who asked, not for logs.
    """

    def __init__(self, endpoint: str, code: int, text: str = "") -> None:
        """Keep the service's own words apart from the error's text."""
        super().__init__(endpoint, f"refused with {code}")
        self.code = code
        self.text = text
