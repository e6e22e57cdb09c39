"""The first SMS while the account, its contacts or Home Assistant change."""

import asyncio
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import UnknownFlow
import pytest

from harness.until import until
from tests.support.common import OMAR, SARA, Rig

from .test_contact_flow_first_sms import HELLO, Dialog, cloud, set_up

__all__ = ["cloud"]


async def under_way(rig: Rig) -> Dialog:
    """Send the first SMS by a phone that is offline for now."""
    dialog = await set_up(rig)
    dialog.phone.online = False
    await dialog.choose("first_sms")
    await dialog.step(HELLO)

    async def is_accepted() -> bool:
        return bool((await dialog.step())["progress_action"] == "accepted")

    await until(is_accepted)
    return dialog


async def finish(dialog: Dialog) -> Any:
    """Let the phone send, and follow the dialog to its end."""
    dialog.phone.online = True
    result = await dialog.step()
    while result["type"] == "progress":
        await asyncio.sleep(0)
        result = await dialog.step()
    return result


async def test_the_account_is_reloaded_meanwhile(rig: Rig, hass: HomeAssistant) -> None:
    """The SMS is followed on, sent once, and the contact is there."""
    dialog = await under_way(rig)
    assert await hass.config_entries.async_reload(dialog.entry.entry_id)
    result = await finish(dialog)
    assert (result["type"], result["description"]) == ("create_entry", "delivered")
    assert (dialog.sent, dialog.contacts) == ([(SARA, "Hello")], [("Sara", SARA)])


@pytest.mark.parametrize("when", ["form", "sending"])
async def test_the_account_is_removed_meanwhile(
    rig: Rig, hass: HomeAssistant, when: str
) -> None:
    """The dialog says so; the server's SMS is not sent twice, and nobody is added."""
    dialog = await (under_way if when == "sending" else set_up)(rig)
    if when == "form":
        await dialog.choose("first_sms")
    await hass.config_entries.async_remove(dialog.entry.entry_id)
    dialog.phone.online = True
    result = await (dialog.step(HELLO) if when == "form" else finish(dialog))
    assert (result["type"], result["reason"]) == ("abort", "account_removed")
    await rig.gateway.settled()
    assert len(dialog.sent) == (when == "sending")
    assert dialog.contacts == []


@pytest.mark.parametrize("is_closed", [False, True])
async def test_another_contact_got_the_name_meanwhile(
    rig: Rig, *, is_closed: bool
) -> None:
    """Two contacts of one name would be nobody's: the later one gets a number."""
    dialog = await under_way(rig)
    await add_contact(dialog, "sara", OMAR)
    if is_closed:
        dialog.flows.async_abort(dialog.flow_id)
    else:
        result = await finish(dialog)
        assert result["description_placeholders"]["name"] == "Sara 2"
    assert dialog.contacts == [("sara", OMAR), ("Sara 2", SARA)]


async def test_the_contact_was_added_and_renamed_meanwhile(rig: Rig) -> None:
    """It is known by its number, and keeps its new name."""
    dialog = await under_way(rig)
    await add_contact(dialog, "Mum", SARA)
    result = await finish(dialog)
    assert (result["type"], result["reason"]) == ("abort", "already_configured")
    assert dialog.contacts == [("Mum", SARA)]
    assert dialog.sent == [(SARA, "Hello")]


async def test_home_assistant_restarts_meanwhile(rig: Rig, hass: HomeAssistant) -> None:
    """The dialog is gone; the SMS is sent once, and followed to its end."""
    dialog = await under_way(rig)
    assert await hass.config_entries.async_unload(dialog.entry.entry_id)
    dialog.flows._progress.clear()
    hass.data["sms_gate_outboxes"].clear()
    assert await hass.config_entries.async_setup(dialog.entry.entry_id)
    with pytest.raises(UnknownFlow):
        await dialog.step()
    dialog.phone.online = True
    await rig.gateway.settled()
    assert (dialog.sent, dialog.contacts) == ([(SARA, "Hello")], [])
    outbox = dialog.entry.runtime_data.outbox
    await until(lambda: not list(outbox))


async def add_contact(dialog: Dialog, name: str, number: str) -> None:
    """Add a contact in another dialog."""
    form = await dialog.flows.async_init(
        (dialog.entry.entry_id, "contact"), context={"source": "user"}
    )
    entered = {"name": name, "phone_number": number}
    result = await dialog.flows.async_configure(form["flow_id"], entered)
    assert result["type"] == "create_entry"
