"""Setting the integration up as a person does: through its own dialogs."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from .home import Home
from .until import HarnessError, expect
from .websocket import ask

ENTRIES: Final = "/api/config/config_entries/entry"
NO_LIMITS: Final = {"daily_limit": 0, "parts_per_day": 0, "parts_per_month": 0}
_FLOWS: Final = "/api/config/config_entries/flow"
_SUBENTRY_FLOWS: Final = "/api/config/config_entries/subentries/flow"
_OPTIONS_FLOWS: Final = "/api/config/config_entries/options/flow"


async def try_account(
    home: Home, mode: str, entered: Mapping[str, Any], put_right: Collection[str] = ()
) -> Mapping[str, Any]:
    """Walk the config flow and return its last answer: an entry, or a form with errors.

    Of the phone's settings only those in ``put_right`` are, which must be offered.
    """
    menu = await home.post(_FLOWS, {"handler": "sms_gate"})
    form = await home.post(f"{_FLOWS}/{menu['flow_id']}", {"next_step_id": mode})
    answer: Mapping[str, Any] = await home.post(f"{_FLOWS}/{form['flow_id']}", entered)
    if answer.get("step_id") == "phone_settings":
        offered = [item["name"] for item in answer["data_schema"]]
        expect(set(put_right) - {*offered}, set(), "settings that are not offered")
        chosen = {name: name in put_right for name in offered}
        answer = await home.post(f"{_FLOWS}/{form['flow_id']}", chosen)
    return answer


async def add_account(
    home: Home, mode: str, entered: Mapping[str, Any], put_right: Collection[str] = ()
) -> str:
    """Set an account up and return its entry's id."""
    answer = await try_account(home, mode, entered, put_right)
    _check(answer, "the account was not set up")
    return str(answer["result"]["entry_id"])


async def add_entry(home: Home, domain: str, entered: Mapping[str, Any]) -> str:
    """Set up another integration whose dialog is one form; return its entry's id.

    Fields that another version's form does not have are left out.
    """
    form = await home.post(_FLOWS, {"handler": domain})
    fields = {item["name"] for item in form["data_schema"]}
    known = {key: value for key, value in entered.items() if key in fields}
    answer = await home.post(f"{_FLOWS}/{form['flow_id']}", known)
    _check(answer, f"{domain} was not set up")
    return str(answer["result"]["entry_id"])


async def add_contact(home: Home, entry_id: str, contact: Mapping[str, Any]) -> None:
    """Walk the contact's dialog."""
    form = await home.post(_SUBENTRY_FLOWS, {"handler": [entry_id, "contact"]})
    answer = await home.post(f"{_SUBENTRY_FLOWS}/{form['flow_id']}", contact)
    _check(answer, "the contact was refused")


async def set_options(home: Home, entry_id: str, options: Mapping[str, Any]) -> None:
    """Walk the options' dialog."""
    form = await home.post(_OPTIONS_FLOWS, {"handler": entry_id})
    answer = await home.post(f"{_OPTIONS_FLOWS}/{form['flow_id']}", options)
    _check(answer, "the options were refused")


async def reconfigure(home: Home, entry_id: str, entered: Mapping[str, Any]) -> None:
    """Change an account's address or login."""
    form = await home.post(_FLOWS, {"handler": "sms_gate", "entry_id": entry_id})
    answer = await home.post(f"{_FLOWS}/{form['flow_id']}", entered)
    if answer.get("reason") != "reconfigure_successful":
        raise HarnessError(f"the account was not changed: {answer}")


async def log_in_again(home: Home, entry_id: str, login: Mapping[str, Any]) -> bool:
    """Answer the request for a new login; return False while there is none."""
    for flow in await ask(home, "config_entries/flow/progress"):
        context = flow["context"]
        if (context["source"], context.get("entry_id")) == ("reauth", entry_id):
            answer = await home.post(f"{_FLOWS}/{flow['flow_id']}", login)
            return bool(answer.get("reason") == "reauth_successful")
    return False


async def entries(home: Home) -> list[dict[str, Any]]:
    """Return the integration's accounts."""
    found: list[dict[str, Any]] = await home.get(f"{ENTRIES}?domain=sms_gate")
    return found


async def remove_account(home: Home, entry_id: str) -> None:
    """Delete the account."""
    await home.delete(f"{ENTRIES}/{entry_id}")


def _check(answer: Mapping[str, Any], what: str) -> None:
    if answer["type"] != "create_entry":
        reason = answer.get("errors") or answer.get("reason")
        raise HarnessError(f"{what}: {reason}")
