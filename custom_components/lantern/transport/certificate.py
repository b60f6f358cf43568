"""Reading the certificate that the other end shows, to pin it from then on."""

import ssl

import aiohttp
from aiohttp import ClientSession, ClientTimeout, Fingerprint

from .errors import TimedOut, Unreachable

# It is no certificate's: aiohttp ends the connection before anything is sent.
_NOBODY = Fingerprint(bytes(32))
_NOT_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL"}
)


def _speaks_no_tls(err: aiohttp.ClientConnectorError) -> bool:
    """Return whether nobody listens, or somebody who answered without TLS."""
    cause = err.os_error
    if isinstance(cause, ssl.SSLError):
        return cause.reason in _NOT_TLS
    return isinstance(cause, ConnectionRefusedError)


async def certificate_sha256(
    session: ClientSession, endpoint: str, url: str, timeout: float = 10.0
) -> str | None:
    """Return the SHA-256 (hex) of the certificate shown at a https URL.

    None where the connection is refused or no TLS is spoken; nothing is sent but
    the handshake. Raises Unreachable.
    """
    try:
        async with session.get(
            url, ssl=_NOBODY, timeout=ClientTimeout(total=timeout)
        ) as response:
            response.close()
    except aiohttp.ServerFingerprintMismatch as err:
        return err.got.hex()
    except TimeoutError:
        raise TimedOut(endpoint, "timeout") from None
    except aiohttp.ClientConnectorError as err:
        if _speaks_no_tls(err):
            return None
        raise Unreachable(endpoint, type(err.os_error).__name__) from None
    except (aiohttp.ClientError, OSError, ValueError) as err:
        raise Unreachable(endpoint, type(err).__name__) from None
    raise Unreachable(endpoint, "no certificate")
