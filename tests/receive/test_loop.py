"""Nothing that is received holds the event loop."""

from base64 import b64encode
from collections.abc import AsyncGenerator
from itertools import count
import json
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.sms_gate.gateway.fields import MAX_NAME_LENGTH
from harness.until import until
from tests.support.common import SARA, Account, Rig, collect, event_body
from tests.support.sending import posted
from tests.support.turns import LONGEST_TURN, longest_turn

LONG = 100_000
AT = "2026-06-22T15:46:11.000+03:00"


def sms(message: str = "Hi", **payload: Any) -> dict[str, Any]:
    """Return an SMS."""
    return event_body(message=message, **payload)


def mms(name: str, parts: int, **more: Any) -> dict[str, Any]:
    """Return an MMS with files of this name."""
    part = {"partId": 1, "contentType": "image/png", "name": name, "size": 1, **more}
    return event_body("mms:downloaded", attachments=[part] * parts, body=name)


TAKEN = {
    "bidi": sms("\u202e\u2066" * LONG),
    "marks": sms("a" + "\u0301\u0323\u0489" * LONG),
    "syllables": sms("\u1100\u1161\u11a8" * LONG),
    "ligatures": sms("\ufdfa" * LONG),
    "numbers": sms("0590042734 " * 30_000),
    "Arabic digits": sms("\u0661" * LONG),
    "templates": sms("{{ states('x') }}{% for i in range(9) %}" * 8_000),
    "blanks": sms(" \u00a0\u2003\n" * LONG),
    "emoji": sms("\U0001f468\u200d\U0001f469" * LONG),
    "sender": sms(sender="e\u0301" * (MAX_NAME_LENGTH // 2)),
    "sender of digits": sms(sender="+" + "\u0661" * (MAX_NAME_LENGTH - 1)),
    "long names": mms("x" * 2_000 + ".png", 100),
    "odd names": mms("\u202e../\ufdfa" * 400, 100),
    "names of 10,000 letters": mms("x" * 10_000, 100),
    "20,000 attachments": mms("a.png", 20_000),
    "a film": mms("a.mp4", 1, data=b64encode(bytes(3 << 20)).decode()),
    "many escapes": sms("\n" * 400_000),
    "many commas": sms(",[{" * 300_000),
    "data": event_body(
        "sms:data-received", data=b64encode(b"Hello, world.\n" * 3_500).decode()
    ),
    "long list": sms(more=[[]] * 40_000),
    "reason": event_body(
        "sms:failed", reason="\ufdfa1" * LONG, recipient=SARA, failedAt=AT
    ),
}
REFUSED = {
    "lists": sms(more=[[]] * 1_000_000),
    "objects": sms(more=[{}] * 1_000_000),
    "numbers": sms(more=[1] * 2_000_000),
    "more escapes": sms("\n" * 2_000_000),
    "long text": sms("x" * 4_000_000),
    "long Arabic": sms("\u0634" * 2_000_000),
    "SIM cards": event_body("app:started", simCards=[{"simNumber": 1}] * 100_000),
    "sender": sms(sender="A" * LONG),
    "sender of marks": sms(sender="e\u0301" * LONG),
    "sender of digits": sms(sender="\u0661" * LONG),
    "sender of numbers": sms(sender="+966 59 004 2734 " * 10_000),
    "recipient": sms(recipient="+1-" * LONG),
    "old recipient": event_body("sms:sent", phoneNumber="+1" * LONG, sentAt=AT),
}
TRIGGERS: list[dict[str, Any]] = [
    {"senders": ["+9665*", "Bank*", "*9"]},
    {"text": "open", "match": "starts_with"},
    {"text": r"(\d+)\s*%", "match": "regex"},
    {"text": r"^(\w+\s?)+$", "match": "regex"},
]


@pytest.fixture
async def busy(hass: HomeAssistant, rig: Rig) -> Account:
    """An account with triggers and conditions of every kind, and an open question.

    It keeps its conversations, fires for the activity, and may be asked by voice.
    """
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    hass.config.components.add("logbook")
    account = await rig.add_account(
        options={"keep_messages_days": 7, "expose_to_assist": True}
    )
    triggers = [
        {"trigger": "sms_gate.message_received", "options": options}
        for options in TRIGGERS
    ]
    conditions = [
        {"condition": "sms_gate.contact_wrote", "options": {"contacts": "Sara", **it}}
        for it in TRIGGERS
        if "text" in it
    ]
    choose = {"choose": [{"conditions": it, "sequence": []} for it in conditions]}
    automation = {"triggers": triggers, "actions": [choose], "mode": "parallel"}
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    question = {
        "message": "?",
        "recipients": SARA,
        "answers": [{"id": "yes", "sentences": ["[oh] (yes|ok) [please]"]}],
        "timeout": 3600,
    }
    asking = hass.services.async_call(
        "sms_gate", "ask", question, blocking=True, return_response=True
    )
    account.entry.async_create_background_task(hass, asking, "question")
    await posted(account.gateway, 1)
    return account


MARK: Final = b"@messageId@"


async def pieces(raw: bytes) -> AsyncGenerator[bytes]:
    """Send a body as a phone does, not in one go."""
    for start in range(0, len(raw), 1 << 16):
        yield raw[start : start + (1 << 16)]


async def test_no_message_holds_the_loop(
    hass: HomeAssistant, rig: Rig, busy: Account
) -> None:
    """From the webhook to triggers, entities, and questions."""
    seen = collect(hass)
    numbers = count()
    over = {}
    for name, body in {**TAKEN, **REFUSED}.items():
        status = 200 if body in TAKEN.values() else 400
        body["payload"]["messageId"] = MARK.decode()
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

        async def post(raw: bytes = raw, status: int = status) -> None:
            raw = raw.replace(MARK, f"{next(numbers):x}".encode())
            before = len(seen.events)
            async with rig.web.post(
                busy.webhook_path,
                data=pieces(raw),
                headers={"Content-Length": str(len(raw))},
            ) as response:
                assert response.status == status
            await until(lambda: len(seen.events) > before or status == 400)
            await hass.async_block_till_done()
            await busy.entry.runtime_data.messages.async_write()

        held = await longest_turn(post)
        if held >= LONGEST_TURN:
            over[name] = held
    assert not over
