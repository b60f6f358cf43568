"""LUX's client on LUX's bad days."""

from typing import Any

import pytest

from custom_components.lantern.lux.client.api import LuxApi
from custom_components.lantern.lux.client.errors import LuxRefused
from custom_components.lantern.lux.client.models import Notification
from custom_components.lantern.transport.errors import (
    BadAnswer,
    RateLimited,
    Refused,
    TransportError,
    Unreachable,
)
from simulator.lux import Lux

from .conftest import BLUE_IDS, DEVICES, FREE, ME, NOTIFICATION, log

CHILD = "GET /api/v1/lux/device/child-device"
CHECK = "GET /api/v1/lux/device/check-device"
REGISTER = "POST /api/v1/lux/device/set-my-device"
UNREGISTER = "PATCH /api/v1/lux/device/un-connect"
UPLOAD = "POST /api/v1/lux/device/devlog"
ALERT = "POST /api/v1/lux/device/alimtalk"


FAULTS: list[tuple[dict[str, Any], type[TransportError]]] = [
    ({"kind": "html"}, BadAnswer),
    ({"kind": "empty"}, BadAnswer),
    ({"kind": "truncated"}, Unreachable),
    ({"kind": "nulls"}, BadAnswer),
    ({"kind": "body", "body": "7"}, BadAnswer),
    ({"kind": "body", "body": "[" * 100_000}, BadAnswer),
    ({"kind": "huge", "size": 9 * 1024 * 1024}, BadAnswer),
    ({"kind": "bomb", "size": 9 * 1024 * 1024}, BadAnswer),
    ({"kind": "redirect", "body": "https://example.org/"}, BadAnswer),
    ({"kind": "status", "status": 404, "body": "nginx"}, LuxRefused),
    ({"kind": "status", "status": 429}, RateLimited),
    ({"kind": "status", "status": 500}, Unreachable),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
@pytest.mark.parametrize("route", [ME, NOTIFICATION, DEVICES, CHILD, CHECK, UPLOAD])
async def test_bad_answers(
    lux: Lux,
    api: LuxApi,
    route: str,
    fault: dict[str, Any],
    error: type[TransportError],
) -> None:
    """Each endpoint tells each kind of trouble in the one language."""
    calls = {
        ME: api.get_account,
        NOTIFICATION: lambda: api.set_notification(Notification(True, True, True)),
        DEVICES: api.get_devices,
        CHILD: lambda: api.get_child_device(7301),
        CHECK: lambda: api.check_device("lux-unit-0001"),
        UPLOAD: lambda: api.upload_logs([log()], **BLUE_IDS),
    }
    lux.inject(route, **fault)
    with pytest.raises(error) as failed:
        await calls[route]()
    assert type(failed.value) is error
    assert "127.0.0.1" not in str(failed.value)


@pytest.mark.parametrize("route", [DEVICES, ME, CHILD, CHECK])
async def test_wrong_types(lux: Lux, api: LuxApi, route: str) -> None:
    """Numbers for texts and texts for numbers name nothing."""
    calls = {
        ME: api.get_account,
        DEVICES: api.get_devices,
        CHILD: lambda: api.get_child_device(7301),
        CHECK: lambda: api.check_device("lux-unit-0001"),
    }
    lux.inject(route, "wrong_types")
    with pytest.raises(BadAnswer):
        await calls[route]()


async def test_unknown_fields(lux: Lux, api: LuxApi) -> None:
    """What LUX adds one day does no harm."""
    before = await api.get_devices()
    lux.inject("*", "extra", times=-1)
    assert await api.get_devices() == before
    await api.get_account()


async def test_connection_with_an_unknown_word(lux: Lux, api: LuxApi) -> None:
    """A state of a device that no page names is not taken for another."""
    lux.inject(CHECK, "body", body='{"detail": "Perhaps", "device_data": {"id": 1}}')
    with pytest.raises(BadAnswer):
        await api.check_device("lux-unit-0001")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ('{"StatusCode": "200"}', None),
        ('{"statuscode": 200}', None),
        ('{"message": "device unconnected"}', BadAnswer),
        ("null", BadAnswer),
        ('{"statusCode": 409, "message": "Already Connected Device"}', Refused),
        ('{"statusCode": 503}', Unreachable),
    ],
)
async def test_confirmations(
    lux: Lux, api: LuxApi, body: str, error: type[TransportError] | None
) -> None:
    """A 200 around another number is believed only as far as that number."""
    lux.inject(UNREGISTER, "body", body=body)
    if error is None:
        await api.unregister_device("lux-unit-0001", 7301)
        return
    with pytest.raises(error):
        await api.unregister_device("lux-unit-0001", 7301)


async def test_wrong_fields(lux: Lux, api: LuxApi) -> None:
    """FastAPI's list of problems is read without what was sent."""
    body = (
        '{"detail": [{"type": "missing", "loc": ["query", "event_date"],'
        ' "msg": "Field required", "input": {"phone": "+12025550142"}},'
        ' {"msg": "Too long"}, 7]}'
    )
    lux.inject(REGISTER, "status", status=422, body=body)
    with pytest.raises(Refused) as refused:
        await api.register_device(**FREE, real_user_id=7301)
    assert refused.value.text == "Field required; Too long"
    assert str(refused.value) == "device/set-my-device: refused with 422"


async def test_alert_is_not_repeated(lux: Lux, api: LuxApi) -> None:
    """A message that was perhaps sent is not sent again."""
    lux.inject(ALERT, "lost")
    with pytest.raises(Unreachable):
        await api.send_impedance_alert()
    assert len(lux.alimtalks) == 1
    assert lux.count(ALERT) == 1
