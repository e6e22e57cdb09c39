"""Setting the integration up as a person does: through its own dialogs."""

from collections.abc import Mapping
from typing import Any

from .home import Home, HomeError

_FLOWS = "/api/config/config_entries/flow"
_SUBENTRY_FLOWS = "/api/config/config_entries/subentries/flow"


async def add_account(
    home: Home, mode: str, entered: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Walk the config flow and return its last answer: an entry, or a form with errors."""
    menu = await home.post(_FLOWS, {"handler": "sms_gate"})
    form = await home.post(f"{_FLOWS}/{menu['flow_id']}", {"next_step_id": mode})
    answer: Mapping[str, Any] = await home.post(f"{_FLOWS}/{form['flow_id']}", entered)
    return answer


async def add_contact(home: Home, entry_id: str, contact: Mapping[str, Any]) -> None:
    """Walk the contact's dialog and wait until the account is there again."""
    form = await home.post(_SUBENTRY_FLOWS, {"handler": [entry_id, "contact"]})
    answer = await home.post(f"{_SUBENTRY_FLOWS}/{form['flow_id']}", contact)
    if answer["type"] != "create_entry":
        raise HomeError(f"the contact was refused: {answer.get('errors')}")
