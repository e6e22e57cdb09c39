"""The webhook view over real HTTP: which status for which state, body and size."""

import asyncio
from collections.abc import AsyncGenerator, Callable
import json
import logging
import threading
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.sms_gate.account.phones import Phones
from custom_components.sms_gate.const import DOMAIN
from custom_components.sms_gate.receive import view
from custom_components.sms_gate.receive.signature_watch import SignatureWatch
from custom_components.sms_gate.receive.view import MAX_BODY_BYTES
from harness.until import until
from tests.support.common import (
    OMAR,
    SARA,
    Account,
    Rig,
    collect,
    contact,
    event_body,
    signed,
)
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault

pytestmark = pytest.mark.usefixtures("web")

OURS = "custom_components.sms_gate"


async def post(rig: Rig, path: str, body: object = None, **how: Any) -> int:
    """Post a body as the phone does and return the status."""
    data = body if isinstance(body, bytes) else json.dumps(body or event_body())
    async with rig.web.post(path, data=data, **how) as response:
        return response.status


def _received(account: Account) -> str:
    """Return the state of the account's total."""
    registry = er.async_get(account.hass)
    unique_id = f"{account.entry.entry_id}-received"
    entity_id = registry.async_get_entity_id("sensor", DOMAIN, unique_id)
    assert entity_id is not None
    state = account.hass.states.get(entity_id)
    assert state is not None
    return str(state.state)


async def test_an_event_is_taken_once_and_the_duplicate_counts_as_taken(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """Both answers are 200, and one event is on the bus."""
    seen = collect(hass)
    assert await post(rig, account.webhook_path) == 200
    assert await post(rig, account.webhook_path) == 200
    await hass.async_block_till_done()
    assert seen.kinds() == ["sms_received"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path[:-1], id="cut short"),
        pytest.param(lambda path: path + "0", id="too long"),
        pytest.param(lambda path: path.upper().replace("/API", "/api"), id="upper"),
        pytest.param(lambda _: "/api/sms_gate/webhook/nobody", id="other"),
        pytest.param(lambda _: "/api/sms_gate/webhook/%D9%85", id="not ascii"),
        pytest.param(lambda _: "/api/sms_gate/webhook/%FF", id="not utf-8"),
        pytest.param(lambda _: "/api/sms_gate/webhook/", id="empty"),
    ],
)
async def test_an_unknown_secret_is_404(
    hass: HomeAssistant, rig: Rig, account: Account, change: Callable[[str], str]
) -> None:
    """Nobody learns more, and nothing is fired."""
    seen = collect(hass)
    assert await post(rig, change(account.webhook_path)) == 404
    assert seen.events == []


async def test_an_entry_without_a_secret_is_not_reached_by_an_empty_one(
    rig: Rig,
) -> None:
    """An entry whose secret is missing answers nobody."""
    await rig.add_account(data={"webhook_id": ""}, state=ConfigEntryState.LOADED)
    assert await post(rig, "/api/sms_gate/webhook/") == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
async def test_another_method_is_405(rig: Rig, account: Account, method: str) -> None:
    """Only POST brings events."""
    async with rig.web.request(method, account.webhook_path) as response:
        assert response.status == 405


async def test_before_the_entry_is_loaded_it_is_503(
    hass: HomeAssistant, rig: Rig, gateway: VirtualGateway
) -> None:
    """While set-up waits for the gateway the phone is told to try again."""
    account = await rig.add_account()
    await hass.config_entries.async_unload(account.entry.entry_id)
    gateway.faults["delay"] = Fault(value=0.2, path="/devices")
    setup = hass.async_create_task(
        hass.config_entries.async_setup(account.entry.entry_id)
    )
    assert account.entry.state is ConfigEntryState.SETUP_IN_PROGRESS
    assert await post(rig, account.webhook_path) == 503
    gateway.faults.clear()
    await setup
    assert await post(rig, account.webhook_path) == 200


async def test_an_event_of_the_time_of_a_reload_arrives_afterwards(
    hass: HomeAssistant, rig: Rig, account: Account, gateway: VirtualGateway
) -> None:
    """The phone repeats what was answered 503, and it fires once."""
    seen = collect(hass)
    gateway.faults["delay"] = Fault(value=0.1, path="/devices", limit=1)
    reload = hass.async_create_task(
        hass.config_entries.async_reload(account.entry.entry_id)
    )
    posted = gateway.watch()
    account.phone.receive(SARA, "in between")
    async with asyncio.timeout(5):
        while not gateway.deliveries:
            posted.clear()
            await posted.wait()
    assert account.entry.state is not ConfigEntryState.LOADED
    await reload
    await account.settled()
    assert [item["message"] for item in seen.data("sms_received")] == ["in between"]
    statuses = [item.status for item in gateway.deliveries]
    assert statuses[0] == 503
    assert statuses[-1] == 200


async def test_while_set_up_is_retried_it_is_503(
    rig: Rig, gateway: VirtualGateway
) -> None:
    """The gateway is down, the phone is not: its events wait on the phone."""
    gateway.faults["status"] = Fault(value=502)
    account = await rig.add_account(state=ConfigEntryState.SETUP_RETRY)
    assert await post(rig, account.webhook_path) == 503


async def test_after_unload_it_is_503_and_after_removal_404(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """Unloaded may come back; removed does not."""
    seen = collect(hass)
    await hass.config_entries.async_unload(account.entry.entry_id)
    assert await post(rig, account.webhook_path) == 503
    await hass.config_entries.async_remove(account.entry.entry_id)
    assert await post(rig, account.webhook_path) == 404
    assert seen.events == []


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param("async_unload", id="unload"),
        pytest.param("async_remove", id="remove"),
    ],
)
async def test_an_event_whose_body_comes_after_the_unload_is_not_taken(
    hass: HomeAssistant, rig: Rig, account: Account, ending: str
) -> None:
    """A slow upload must not be answered 200 for an entry that is gone."""
    seen = collect(hass)
    raw = json.dumps(event_body()).encode()

    async def slowly() -> AsyncGenerator[bytes]:
        yield raw[:20]
        await asyncio.sleep(0.05)  # the view is reading
        await getattr(hass.config_entries, ending)(account.entry.entry_id)
        yield raw[20:]

    async with rig.web.post(account.webhook_path, data=slowly()) as response:
        status = response.status
    assert status in (503, 404)
    assert seen.events == []


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        pytest.param(view, "_parse", id="parsed"),
        pytest.param(SignatureWatch, "check", id="checked"),
    ],
)
async def test_a_large_body_that_outlives_the_account_is_not_taken(
    hass: HomeAssistant,
    rig: Rig,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
) -> None:
    """It is read in another thread: then the view looks again, whatever was found."""
    account = await rig.add_account(options={"signing_key": "k"})
    seen = collect(hass)
    begun, go = threading.Event(), threading.Event()
    original = getattr(owner, name)

    def held(*args: Any) -> Any:
        begun.set()
        go.wait(30)
        return original(*args)

    monkeypatch.setattr(owner, name, held)
    body = json.dumps(event_body(message="x" * 100_000)).encode()
    # A wrong signature is none of an account that is gone
    headers = signed(body, key="k" if name == "_parse" else "old")
    posting = asyncio.ensure_future(
        post(rig, account.webhook_path, body, headers=headers)
    )
    await until(begun.is_set)
    await hass.config_entries.async_unload(account.entry.entry_id)
    go.set()
    assert await posting == 503
    assert seen.events == []

    await hass.config_entries.async_setup(account.entry.entry_id)
    assert await post(rig, account.webhook_path, body, headers=signed(body, "k")) == 200
    assert seen.kinds() == ["sms_received"]


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 17 * 1024 * 1024])
async def test_a_body_too_large_is_413(
    hass: HomeAssistant, rig: Rig, account: Account, size: int, chunked: bool
) -> None:
    """Both below and above the limit of Home Assistant's own server."""
    seen = collect(hass)

    async def chunks() -> AsyncGenerator[bytes]:
        for start in range(0, size, 1 << 20):
            yield b" " * min(1 << 20, size - start)

    data = chunks() if chunked else b" " * size
    async with rig.web.post(account.webhook_path, data=data) as response:
        assert response.status == 413
    assert seen.events == []


async def test_a_large_mms_is_taken(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """Fourteen megabytes of attachment are none too many."""
    seen = collect(hass)
    item = {"partId": 1, "contentType": "image/png", "data": "A" * (14 << 20)}
    body = event_body("mms:downloaded", attachments=[item])
    assert await post(rig, account.webhook_path, body) == 200
    assert "AAAA" not in str(seen.data("mms_downloaded"))


async def test_what_one_account_receives_never_reaches_the_other(
    hass: HomeAssistant, rig: Rig, account: Account, gateway: VirtualGateway
) -> None:
    """Two accounts, two secrets, two sets of listeners and contacts."""
    async with VirtualGateway("other", "secret") as another:
        other = await rig.add_account(
            gateway=another, contacts=(contact("Omar", OMAR),), title="Second"
        )
        seen = collect(hass)
        account.phone.receive(OMAR, "for the first")
        other.phone.receive(OMAR, "for the second")
        await account.settled()
        await other.settled()
        received = {item["message"]: item for item in seen.data("sms_received")}
        assert len(seen.events) == 2
        first, second = received["for the first"], received["for the second"]
        assert first["config_entry_id"] == account.entry.entry_id
        assert first["gateway_device_id"] == account.phone.id
        assert first["contact"] is None
        assert second["config_entry_id"] == other.entry.entry_id
        assert second["contact"] == "Omar"
        assert _received(account) == _received(other) == "1"

        # The very same event is new to the other account
        assert await post(rig, account.webhook_path) == 200
        assert await post(rig, other.webhook_path) == 200
        assert len(seen.data("sms_received")) == 4
        await hass.config_entries.async_unload(other.entry.entry_id)
        assert await post(rig, other.webhook_path) == 503
        assert await post(rig, account.webhook_path) == 200


async def test_an_exception_in_a_handler_is_no_200_and_nothing_is_forgotten(
    hass: HomeAssistant, rig: Rig, account: Account
) -> None:
    """The phone tries again, and then the event fires."""
    seen = collect(hass)
    with patch.object(Phones, "device_id", autospec=True, side_effect=RuntimeError):
        assert await post(rig, account.webhook_path) == 500
    assert seen.events == []
    assert await post(rig, account.webhook_path) == 200
    assert seen.kinds() == ["sms_received"]


async def test_nothing_private_is_logged(
    rig: Rig, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither secret nor number nor text, at any level, whatever was posted."""
    caplog.set_level(logging.DEBUG, OURS)
    bodies: tuple[object, ...] = (event_body(), b"{", event_body(message=None))
    for body in bodies:
        await post(rig, account.webhook_path, body)
    await post(rig, account.webhook_path, b" " * (MAX_BODY_BYTES + 1))
    account.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await account.settled()
    told = "\n".join(
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(OURS) or record.levelno >= logging.WARNING
    )
    private = (account.entry.data["webhook_id"], SARA, SARA[4:], "Hello", "Sara")
    assert not [text for text in private if text in told]
