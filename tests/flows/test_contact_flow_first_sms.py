"""The first SMS, offered when an account was set up: sent once, watched, or skipped."""

import asyncio
from time import monotonic
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESSED
import pytest

from custom_components.sms_gate.send import first_sms
from harness.until import until
from tests.support.common import OMAR, SARA, Rig
from tests.support.flows import MODES, TRANSLATIONS, add, suggested, typed, use_cloud
from virtual_gateway import Fault, VirtualGateway

TEXTS = TRANSLATIONS["config_subentries"]["contact"]
HELLO = {"name": "Sara", "phone_number": "+966 59 004 2734", "message": "Hello"}


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch, gateway: VirtualGateway) -> None:
    """No test reaches the real cloud, or waits for a phone that is asked in vain."""
    use_cloud(monkeypatch, gateway)
    gateway.send_seconds = gateway.deliver_seconds = 0.0
    monkeypatch.setattr(first_sms, "SHOWN_SECONDS", 0.0)


class Dialog:
    """The dialog that follows the set-up, as the frontend fetches it step by step."""

    def __init__(self, rig: Rig, result: Any) -> None:
        """Continue the flow that a set-up leads to."""
        assert result["type"] == "create_entry"
        kind, self.flow_id = result["next_flow"]
        assert kind == "config_subentries_flow"
        self.entry = result["result"]
        self.phone = rig.gateway.phones[0]
        self.flows = rig.hass.config_entries.subentries
        self.seen: list[str] = []

    async def step(self, entered: dict[str, Any] | None = None) -> Any:
        """Send a form, or fetch the step."""
        result = await self.flows.async_configure(self.flow_id, entered)
        if result["type"] == "progress":
            assert result["step_id"] == "first_sms_progress"
            assert result["progress_action"] in TEXTS["progress"]
            if result["progress_action"] not in self.seen:
                self.seen.append(result["progress_action"])
        return result

    async def choose(self, option: str) -> Any:
        """Choose from a menu that offers it."""
        menu = await self.step()
        assert menu["step_id"] in {"first_sms_offer", "first_sms_failed"}
        assert option in menu["menu_options"]
        assert option in TEXTS["step"][menu["step_id"]]["menu_options"]
        return await self.step({"next_step_id": option})

    async def submit(self, entered: dict[str, Any]) -> Any:
        """Send the form until it ends, or asks something."""
        assert (await self.choose("first_sms"))["step_id"] == "first_sms"
        result = await self.step(entered)
        while result["type"] == "progress":
            await asyncio.sleep(0)
            result = await self.step()
        return result

    @property
    def contacts(self) -> list[tuple[str, str | None]]:
        """Return the contacts of the account."""
        return [(it.title, it.unique_id) for it in self.entry.subentries.values()]

    @property
    def sent(self) -> list[tuple[str, str | None]]:
        """Return what left the phone."""
        return [(sms.phone_number, sms.text) for sms in self.phone.outbox]


async def set_up(rig: Rig, mode: str = "private") -> Dialog:
    """Set an account up by its form."""
    return Dialog(rig, await add(rig.hass, mode, typed(mode, rig.gateway)))


@pytest.mark.parametrize("mode", MODES)
async def test_the_first_sms_is_sent_and_its_ticks_are_shown(
    rig: Rig, mode: str
) -> None:
    """Whom it was sent to is a contact then."""
    rig.gateway.send_seconds = rig.gateway.deliver_seconds = 50.0
    dialog = await set_up(rig, mode)
    result = await dialog.submit(HELLO)
    assert (result["type"], result["description"]) == ("create_entry", "delivered")
    assert result["description"] in TEXTS["create_entry"]
    assert result["description_placeholders"]["name"] == "Sara"
    assert dialog.seen == ["sending", "accepted", "sent"]
    assert dialog.sent == [(SARA, "Hello")]
    assert dialog.contacts == [("Sara", SARA)]


async def test_it_can_be_skipped(rig: Rig) -> None:
    """The account is there; nothing is sent, nobody is added."""
    dialog = await set_up(rig)
    result = await dialog.choose("first_sms_later")
    assert (result["type"], result["reason"]) == ("abort", "first_sms_later")
    assert (dialog.sent, dialog.contacts) == ([], [])


async def test_the_form_suggests_a_text_and_checks_the_contact(rig: Rig) -> None:
    """What is wrong is said before anything is sent."""
    dialog = await set_up(rig)
    form = await dialog.choose("first_sms")
    assert suggested(form) == {"message": "Hello from Home Assistant"}
    wrong = {**HELLO, "phone_number": "059"}
    form = await dialog.step(wrong)
    assert form["errors"] == {"phone_number": "invalid_number"}
    assert suggested(form) == wrong
    assert (dialog.sent, dialog.contacts) == ([], [])


REFUSALS = [
    pytest.param({"status": Fault(value=400, path="/messages$")}, "rejected", id="400"),
    pytest.param({"status": Fault(value=503, path="/messages$")}, "cannot", id="503"),
    pytest.param({"status": Fault(value=401, path="/messages$")}, "password", id="401"),
]


@pytest.mark.parametrize(("faults", "words"), REFUSALS)
async def test_a_refusal_is_said_in_words_and_can_be_tried_again(
    rig: Rig, faults: dict[str, Fault], words: str
) -> None:
    """The form has what was typed; then it is sent once."""
    dialog = await set_up(rig)
    rig.gateway.faults.update(faults)
    menu = await dialog.submit(HELLO)
    assert (menu["type"], menu["step_id"]) == ("menu", "first_sms_failed")
    # A page that is loaded again shows the same
    again = await dialog.step()
    assert again["description_placeholders"] == menu["description_placeholders"]
    assert words in menu["description_placeholders"]["reason"]
    assert dialog.contacts == []
    rig.gateway.faults.clear()
    form = await dialog.choose("first_sms")
    assert suggested(form) == HELLO
    result = await dialog.step(HELLO)
    while result["type"] == "progress":
        await asyncio.sleep(0)
        result = await dialog.step()
    assert (result["type"], result["description"]) == ("create_entry", "delivered")
    assert dialog.sent == [(SARA, "Hello")]


async def test_a_contact_is_added_though_the_phone_could_not_send(rig: Rig) -> None:
    """The reason is the phone's; the account stays as it is."""
    dialog = await set_up(rig)
    dialog.phone.outcomes[SARA] = "failed"
    dialog.phone.fail_reason = "RESULT_ERROR_NO_SERVICE"
    menu = await dialog.submit(HELLO)
    assert "RESULT_ERROR_NO_SERVICE" in menu["description_placeholders"]["reason"]
    result = await dialog.choose("first_sms_keep")
    assert (result["type"], result["description"]) == ("create_entry", "failed")
    assert dialog.contacts == [("Sara", SARA)]


async def test_an_unknown_outcome_is_called_unknown(rig: Rig) -> None:
    """It is not offered to send again: the SMS may be under way."""
    dialog = await set_up(rig)
    rig.gateway.faults["drop_response"] = Fault(path="/messages")
    result = await dialog.submit(HELLO)
    assert (result["type"], result["description"]) == ("create_entry", "unknown")
    assert "not known" in result["description_placeholders"]["reason"]
    assert dialog.contacts == [("Sara", SARA)]


@pytest.mark.parametrize(
    ("outcome", "ends"), [("sent", "sent"), ("pending", "accepted")]
)
async def test_what_is_not_reported_in_time(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, outcome: str, ends: str
) -> None:
    """It ends as far as it got."""
    monkeypatch.setattr(first_sms, "TIMEOUT", 0.3)
    if outcome == "pending":
        rig.gateway.send_seconds = 10**9
    dialog = await set_up(rig)
    dialog.phone.outcomes[SARA] = "sent"
    result = await dialog.submit(HELLO)
    assert (result["type"], result["description"]) == ("create_entry", ends)
    assert dialog.contacts == [("Sara", SARA)]


async def test_clicking_twice_sends_once(rig: Rig) -> None:
    """Also where the second click has other words."""
    dialog = await set_up(rig)
    await dialog.choose("first_sms")
    other = {"name": "Omar", "phone_number": OMAR, "message": "Second"}
    await asyncio.gather(dialog.step(HELLO), dialog.step(other), dialog.step(HELLO))
    result = await dialog.step()
    while result["type"] == "progress":
        await asyncio.sleep(0)
        result = await dialog.step(HELLO)
    await rig.gateway.settled()
    assert (len(dialog.sent), len(dialog.contacts)) == (1, 1)
    assert dialog.sent[0][0] == dialog.contacts[0][1]


async def test_a_dialog_that_is_closed_neither_stops_nor_repeats_the_sms(
    rig: Rig,
) -> None:
    """The contact is there, so that nobody adds and writes again."""
    rig.gateway.send_seconds = 100.0
    dialog = await set_up(rig)
    await dialog.choose("first_sms")
    assert (await dialog.step(HELLO))["type"] == "progress"
    dialog.flows.async_abort(dialog.flow_id)
    assert dialog.contacts == [("Sara", SARA)]
    await until(lambda: dialog.sent == [(SARA, "Hello")])
    await rig.hass.config_entries.async_remove(dialog.entry.entry_id)


async def test_a_contact_that_was_added_meantime_is_not_added_twice(rig: Rig) -> None:
    """Two dialogs, one person."""
    rig.gateway.send_seconds = 100.0
    dialog = await set_up(rig)
    await dialog.choose("first_sms")
    result = await dialog.step(HELLO)
    form = await dialog.flows.async_init(
        (dialog.entry.entry_id, "contact"), context={"source": "user"}
    )
    await dialog.flows.async_configure(
        form["flow_id"], {"name": "Sara", "phone_number": SARA}
    )
    while result["type"] == "progress":
        await asyncio.sleep(0)
        result = await dialog.step()
    assert (result["type"], result["reason"]) == ("abort", "already_configured")
    assert dialog.contacts == [("Sara", SARA)]


async def test_an_account_that_is_not_ready_offers_nothing(
    hass: HomeAssistant, rig: Rig
) -> None:
    """It could not send."""
    rig.gateway.faults["status"] = Fault(value=500, path="/health$|/webhooks")
    result = await add(hass, "private", typed("private", rig.gateway))
    assert result["type"] == "create_entry"
    ready = result["result"].state.value == "loaded"
    assert ("next_flow" in result) is ready


async def test_the_dialog_of_a_removed_account_can_be_closed(rig: Rig) -> None:
    """While the SMS is under way, too."""
    rig.gateway.send_seconds = 100.0
    dialog = await set_up(rig)
    await dialog.choose("first_sms")
    await dialog.step(HELLO)
    await rig.hass.config_entries.async_remove(dialog.entry.entry_id)
    dialog.flows.async_abort(dialog.flow_id)
    assert dialog.contacts == []


async def test_each_tick_is_shown_for_a_moment(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frontend that has not shown the last change yet would miss the next one."""
    monkeypatch.setattr(first_sms, "SHOWN_SECONDS", 0.2)
    dialog = await set_up(rig)
    dialog.phone.online = False
    await dialog.choose("first_sms")
    changes: list[float] = []
    changed = callback(lambda _event: changes.append(monotonic()))
    rig.hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESSED, changed)
    began = monotonic()
    assert (await dialog.step(HELLO))["progress_action"] == "sending"
    await until(lambda: len(changes) == 1)
    # The server has it; it is not sent yet
    assert (await dialog.step())["progress_action"] == "accepted"
    dialog.phone.online = True
    await until(lambda: len(changes) >= 2)
    assert min(changes[0] - began, changes[1] - changes[0]) >= 0.2
    dialog.flows.async_abort(dialog.flow_id)
    assert dialog.contacts == [("Sara", SARA)]
