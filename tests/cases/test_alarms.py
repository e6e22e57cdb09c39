"""An alarm goes out, whoever calls and whatever goes wrong beside it."""

import asyncio
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.setup import async_setup_component
import pytest

from tests.cases.test_who_gets_it import account_in, send, written_to
from tests.support.common import SARA, Account, Rig, contact, event_body
from tests.support.sending import posts
from virtual_gateway import VirtualGateway
from virtual_gateway.faults import Fault

FOREIGN: dict[str, Any] = {
    "the app": {
        "tag": "alarm",
        "group": "security",
        "priority": "high",
        "ttl": 0,
        "channel": "Alarm",
        "importance": "high",
        "push": {"sound": {"name": "default", "critical": 1, "volume": 1.0}},
        "actions": [{"action": "OPEN", "title": "Open"}],
        "image": "/media/local/camera.jpg",
        "clickAction": "/lovelace/0",
        "color": "#ff0000",
        "timeout": 300,
        "persistent": True,
    },
    "Signal": {
        "attachments": ["/config/a.jpg"],
        "text_mode": "styled",
        "verify_ssl": False,
    },
    "Telegram": {
        "parse_mode": "html",
        "photo": [{"url": "https://example.com/a.jpg", "caption": "door"}],
        "inline_keyboard": ["Open:/open"],
        "disable_notification": False,
        "timeout": 1000,
        "message_tag": "alarm",
    },
    "Pushover": {
        "priority": 2,
        "retry": 30,
        "expire": 3600,
        "sound": "siren",
        "ttl": 60,
    },
    "Gammu": {"unicode": True},
    "ntfy": {
        "priority": "urgent",
        "tags": ["rotating_light"],
        "attach": "https://a.b/c",
    },
    "a push service": {"priority": "P1", "ttl": "86400s", "timeout": "5 min"},
    "odd": {"data": {"deep": [1, {"a": None}]}, "": 1, "priority": None, "ttl": 0},
}


@pytest.mark.parametrize("whose", FOREIGN)
async def test_data_for_other_notifiers_do_not_hold_an_alarm_back(
    rig: Rig, hass: HomeAssistant, whose: str
) -> None:
    """The call that works for a phone app, Signal and Telegram sends an SMS here."""
    account = await account_in(rig, "SA", Sara=SARA)
    await hass.services.async_call(
        "notify",
        "sms_gate",
        {"message": "alarm", "target": ["Sara"], "data": FOREIGN[whose]},
        blocking=True,
    )
    assert written_to(account) == [SARA]


async def test_a_group_of_notifiers_sends_the_sms(
    rig: Rig, hass: HomeAssistant
) -> None:
    """A group loses what a member raises, so the member must not raise."""
    assert await async_setup_component(
        hass,
        "notify",
        {
            "notify": {
                "platform": "group",
                "name": "everyone",
                "services": [{"action": "sms_gate", "data": {"target": "Sara"}}],
            }
        },
    )
    await hass.async_block_till_done()
    account = await account_in(rig, "SA", Sara=SARA)
    await hass.services.async_call(
        "notify",
        "everyone",
        {"message": "alarm", "data": FOREIGN["the app"]},
        blocking=True,
    )
    assert written_to(account) == [SARA]


@pytest.mark.parametrize(
    "data",
    [
        {"sim_number": 9},
        {"sim_number": "first"},
        {"message_id": "a" * 37},
        {"validate_numbers": "perhaps"},
        {"wait_for": "yesterday"},
        {"schedule_at": "soon"},
    ],
)
async def test_a_wrong_value_of_our_own_key_is_refused(
    rig: Rig, hass: HomeAssistant, data: dict[str, Any]
) -> None:
    """No other notifier has such keys: a slip must not go unseen."""
    account = await account_in(rig, "SA", Sara=SARA)
    with pytest.raises(HomeAssistantError):
        await hass.services.async_call(
            "notify",
            "sms_gate",
            {"message": "alarm", "target": ["Sara"], "data": data},
            blocking=True,
        )
    assert written_to(account) == []


@pytest.mark.parametrize("target", [[], "", None])
async def test_an_explicit_empty_target_writes_to_nobody(
    rig: Rig, hass: HomeAssistant, target: Any
) -> None:
    """A template that found nobody does not mean the only contact."""
    account = await account_in(rig, "SA", Sara=SARA)
    with pytest.raises(Exception):  # noqa: B017  # refused by schema or by us
        await hass.services.async_call(
            "notify", "sms_gate", {"message": "alarm", "target": target}, blocking=True
        )
    assert written_to(account) == []


async def test_a_second_account_breaks_nothing_of_the_first(rig: Rig) -> None:
    """A contact decides, else the oldest account."""
    first = await account_in(rig, "SA", Sara=SARA)
    async with VirtualGateway() as gateway:
        second = await rig.add_account(
            gateway=gateway,
            title="Office",
            contacts=(contact("Omar", "+966501234567"),),
            options={"country": "SA"},
        )
        assert await send(first, "Sara") is None
        assert await send(first, "Omar") is None
        assert await send(first, "0551234567") is None
        assert written_to(first) == ["+966551234567", SARA]
        assert written_to(second) == ["+966501234567"]
        for phone in gateway.phones:
            await phone.stop()


async def test_the_default_account_is_an_option(rig: Rig, hass: HomeAssistant) -> None:
    """Only one account is it; a number goes by that one."""
    first = await account_in(rig, "SA", Sara=SARA)
    async with VirtualGateway() as gateway:
        second = await rig.add_account(
            gateway=gateway, title="Office", contacts=(), options={"country": "SA"}
        )
        for account in (first, second):
            form = await hass.config_entries.options.async_init(account.entry.entry_id)
            await hass.config_entries.options.async_configure(
                form["flow_id"],
                {"receive_mode": "auto", "country": "SA", "is_default_account": True},
            )
            await hass.async_block_till_done()
        assert not first.entry.options["is_default_account"]
        assert await send(second, "0551234567") is None
        assert written_to(first) == []
        assert written_to(second) == ["+966551234567"]
        for phone in gateway.phones:
            await phone.stop()


@pytest.mark.parametrize("is_kept", [True, False])
async def test_actions_can_be_kept_to_administrators(
    rig: Rig, hass: HomeAssistant, hass_read_only_user: Any, *, is_kept: bool
) -> None:
    """A user without rights is refused; an automation never is."""
    account = await account_in(rig, "SA", Sara=SARA)
    hass.config_entries.async_update_entry(
        account.entry,
        options={**account.entry.options, "administrators_only": is_kept},
    )
    await hass.async_block_till_done()
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("sms_gate", "send_message", {"message": "a", "recipients": ["Sara"]}),
        ("notify", "sms_gate", {"message": "b", "target": ["Sara"]}),
        ("notify", "send_message", {"message": "c", "entity_id": "notify.sara"}),
    ]
    hass_read_only_user.mock_policy({"entities": True})
    for domain, service, data in calls:
        context = Context(user_id=hass_read_only_user.id)
        call = hass.services.async_call(
            domain, service, data, blocking=True, context=context
        )
        if is_kept:
            with pytest.raises(Unauthorized):
                await call
        else:
            await call
    assert len(written_to(account)) == (0 if is_kept else 3)
    assert await send(account, "Sara") is None


@pytest.mark.parametrize("change", ["contact", "option"])
async def test_what_waits_survives_a_change(
    rig: Rig, hass: HomeAssistant, change: str
) -> None:
    """A contact is added while an escalation waits for the report."""
    account = await account_in(rig, "SA", Sara=SARA)
    gateway = account.gateway
    gateway.send_seconds = gateway.deliver_seconds = 2_000.0
    waiting = hass.async_create_task(
        account.send("alarm", "Sara", wait_for="delivered", timeout=20)
    )
    async with asyncio.timeout(5):
        while not posts(gateway):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    if change == "option":
        hass.config_entries.async_update_entry(
            account.entry, options={**account.entry.options, "default_sim": 1}
        )
    else:
        hass.config_entries.async_add_subentry(account.entry, _subentry("Omar"))
    await asyncio.sleep(0.2)
    answer = await waiting
    assert answer["messages"][0]["state"] == "Delivered"


def _subentry(name: str) -> Any:
    from types import MappingProxyType

    from homeassistant.config_entries import ConfigSubentry

    return ConfigSubentry(
        data=MappingProxyType({"name": name, "phone_number": "+966501234567"}),
        subentry_type="contact",
        title=name,
        unique_id="+966501234567",
    )


async def test_the_gateway_is_asked_in_time_where_no_webhook_comes(
    rig: Rig, hass: HomeAssistant
) -> None:
    """A wait of two seconds ends with Delivered."""
    account = await account_in(rig, "SA", Sara=SARA)
    account.gateway.faults["webhook_down"] = Fault()
    answer = await account.send("alarm", "Sara", wait_for="delivered", timeout=2)
    assert answer["messages"][0]["state"] == "Delivered"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_proxys_refusal_asks_for_no_new_login(
    rig: Rig, hass: HomeAssistant, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One HTML page in between, then all is well again."""
    account = await account_in(rig, "SA", Sara=SARA)
    _answer_html(account, status, monkeypatch)
    assert await send(account, "Sara") is not None
    await account.entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert not hass.config_entries.flow.async_progress()
    monkeypatch.undo()
    await account.entry.runtime_data.coordinator.async_refresh()
    assert await send(account, "Sara") is None


def _answer_html(
    account: Account, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let something in between answer everything with a page."""
    from aiohttp import web

    async def page(*_: object) -> web.Response:
        return web.Response(status=status, text="<html>no", content_type="text/html")

    monkeypatch.setattr(account.gateway._web, "_handle", page)


async def test_a_renamed_account_keeps_its_notifier(
    rig: Rig, hass: HomeAssistant
) -> None:
    """Automations call it by its name."""
    account = await account_in(rig, "SA", Sara=SARA)
    hass.config_entries.async_update_entry(account.entry, title="Alarm line")
    await hass.async_block_till_done()
    await hass.config_entries.async_reload(account.entry.entry_id)
    assert hass.services.has_service("notify", "sms_gate")


async def test_a_switch_is_no_message(rig: Rig) -> None:
    """YAML reads ``message: on`` as true; nobody wants an SMS that says True."""
    account = await account_in(rig, "SA", Sara=SARA)
    for message in (True, False, "   ", "\u200f"):
        assert await send(account, "Sara", message=message) is not None
    for fields in ({"message": True}, {"message": "alarm", "title": True}):
        with pytest.raises(HomeAssistantError, match="quotes"):
            await account.hass.services.async_call(
                "notify", "sms_gate", {**fields, "target": ["Sara"]}, blocking=True
            )
    assert written_to(account) == []


async def test_events_name_the_devices_of_home_assistant(
    rig: Rig, hass: HomeAssistant
) -> None:
    """``device_id`` is one thing everywhere; the gateway's is ``gateway_device_id``."""
    account = await account_in(rig, "SA", Sara=SARA)
    answer = (await account.send("alarm", "Sara"))["messages"][0]
    assert answer["gateway_device_id"] == account.phone.id
    assert answer["device_id"] != account.phone.id
    assert answer["recipients"][0]["contact"] == "Sara"
    assert event_body()
