"""Lucit's refusals, and Laravel's own, as they are written to the client."""

from typing import Any

from aiohttp import web


def refused(status: int, text: str, key: str) -> web.Response:
    """Return LuCore's error envelope: the text in `code`, the key in `message`."""
    return web.json_response(
        {
            "ok": False,
            "http_code": status,
            "code": text,
            "message": key,
            "data": None,
            "lucore_error_response": True,
        },
        status=status,
    )


def unauthenticated() -> web.Response:
    """Return Laravel's own 401."""
    return web.json_response({"message": "Unauthenticated."}, status=401)


def invalid(errors: dict[str, str]) -> web.Response:
    """Return Laravel's own 422 for fields that are missing or wrong."""
    first, *more = errors.values()
    noun = "error" if len(more) == 1 else "errors"
    count = f" (and {len(more)} more {noun})" if more else ""
    body: dict[str, Any] = {
        "message": first + count,
        "errors": {field: [text] for field, text in errors.items()},
    }
    return web.json_response(body, status=422)


def not_found(path: str) -> web.Response:
    """Return Laravel's own 404."""
    text = f"The route {path.strip('/')} could not be found."
    return web.json_response({"message": text}, status=404)
