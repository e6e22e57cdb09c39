"""Every error of every form, reached by what really causes it.

Each case is a behaviour of something on a real socket, or an input; nothing of the
integration is replaced. A key of ``translations/en.json`` without a case fails.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import ClientTimeout
from aiohttp.resolver import AsyncResolver
from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import aiohttp_client
import pytest
from zeroconf.asyncio import AsyncZeroconf

from custom_components.sms_gate.account import login
from custom_components.sms_gate.gateway.client import GatewayClient
from tests.support.common import OMAR, Rig
from tests.support.flows import TRANSLATIONS, start, typed, use_cloud
from tests.support.servers import answering, closed_port, name_server, own_certificate
from virtual_gateway import Fault

LOGIN = {"username": "user", "password": "pass"}
CONTACT = TRANSLATIONS["config_subentries"]["contact"]
FORMS = {
    "config": TRANSLATIONS["config"],
    "options": TRANSLATIONS["options"],
    "contact": CONTACT,
}
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
REDIRECT = b"HTTP/1.1 308 Go\r\nLocation: https://a/\r\nContent-Length: 0\r\n\r\n"
# What reading a number may say of YAML; a form's field is a text (test_contact_flow)
NO_FORMS = ("contact", "error", "number_needs_quotes")
# No address of this machine (RFC 5737): as if no adapter was up
NO_ADAPTER = ["192.0.2.1"]


class World(NamedTuple):
    """What a case acts on."""

    rig: Rig
    monkeypatch: pytest.MonkeyPatch
    folder: Path

    @property
    def hass(self) -> HomeAssistant:
        """Home Assistant."""
        return self.rig.hass

    @property
    def entries(self) -> list[ConfigEntry]:
        """The accounts that are set up."""
        return self.hass.config_entries.async_entries("sms_gate")

    async def log_in(self, mode: str, entered: dict[str, Any]) -> Any:
        """Set an account up as far as the form to log in."""
        flow_id = await start(self.hass, mode)
        flows = self.hass.config_entries.flow
        return await flows.async_configure(flow_id, {**LOGIN, **entered})

    async def log_in_at(self, port: int, scheme: str = "http://") -> Any:
        """Set an account of a private server up at a port."""
        return await self.log_in("private", {"url": f"{scheme}127.0.0.1:{port}"})

    async def options(self, mode: str, entered: dict[str, Any]) -> Any:
        """Send the options of an account."""
        account = await self.rig.add_account(mode=mode)
        flows = self.hass.config_entries.options
        form = await flows.async_init(account.entry.entry_id)
        if entered.get("new_signing_key"):
            await self.rig.gateway.stop()
        return await flows.async_configure(form["flow_id"], entered)

    async def contact(self, name: str, number: str, country: str) -> Any:
        """Add a contact to an account that has Sara."""
        self.hass.config.country = country or None
        if not self.entries:
            await self.rig.add_account()
        form = await new_contact(self.hass, self.entries[0].entry_id)
        entered = {"name": name, "phone_number": number}
        flows = self.hass.config_entries.subentries
        return await flows.async_configure(form["flow_id"], entered)


async def new_contact(
    hass: HomeAssistant, entry_id: str, data: dict[str, Any] | None = None
) -> Any:
    """Open the dialog of a new contact."""
    return await hass.config_entries.subentries.async_init(
        (entry_id, "contact"), context={"source": SOURCE_USER}, data=data
    )


type Behaviour = Callable[[World], Awaitable[Any]]
CASES: dict[tuple[str, str, str], list[Behaviour]] = {}


def reaches(form: str, kind: str, key: str) -> Callable[[Behaviour], Behaviour]:
    """Register what reaches an error or the end of a dialog."""

    def register(case: Behaviour) -> Behaviour:
        CASES.setdefault((form, kind, key), []).append(case)
        return case

    return register


config_error = partial(reaches, "config", "error")


@config_error("no_network")
async def no_adapter_is_up(world: World) -> Any:
    """First of all: what found the network once is kept by Home Assistant."""
    with world.monkeypatch.context() as patch:
        patch.setattr(
            aiohttp_client,
            "_async_make_resolver",
            lambda _hass: AsyncZeroconf(interfaces=NO_ADAPTER),
        )
        return await world.log_in("cloud", {})


@config_error("host_not_found")
async def nobody_has_the_name(world: World) -> Any:
    return await world.log_in("private", {"url": "https://sms.example"})


@config_error("host_not_found")
async def names_cannot_be_looked_up(world: World) -> Any:
    return await world.log_in("private", {"url": "https://sms.broken.example"})


@config_error("host_not_found")
async def nobody_can_have_the_name(world: World) -> Any:
    return await world.log_in("local", {"host": "a" * 64, "port": 8080})


@config_error("cannot_connect")
async def nobody_listens(world: World) -> Any:
    return await world.log_in_at(closed_port())


@config_error("cannot_connect")
async def nobody_listens_at_the_phone(world: World) -> Any:
    return await world.log_in("local", {"host": "127.0.0.1", "port": closed_port()})


@config_error("cannot_connect")
async def the_answer_breaks_off(world: World) -> Any:
    async with answering(HEAD + b"Content-Length: 99\r\n\r\n[{") as port:
        return await world.log_in_at(port)


@config_error("cannot_connect")
async def another_protocol_answers(world: World) -> Any:
    async with answering(b"SSH-2.0-OpenSSH_9.9\r\n") as port:
        return await world.log_in_at(port)


@config_error("not_a_gateway")
async def a_page_answers(world: World) -> Any:
    async with answering(PAGE) as port:
        return await world.log_in_at(port)


@config_error("not_a_gateway")
async def nonsense_answers(world: World) -> Any:
    async with answering(HEAD + b'Content-Length: 11\r\n\r\n[{"id": 5}]') as port:
        return await world.log_in("local", {"host": "127.0.0.1", "port": port})


@config_error("invalid_auth")
async def the_password_is_wrong(world: World) -> Any:
    wrong = typed("local", world.rig.gateway, password="mistyped")
    return await world.log_in("local", wrong)


@config_error("invalid_url")
async def it_is_no_address(world: World) -> Any:
    return await world.log_in("private", {"url": "ftp://sms.example.com"})


@config_error("timeout")
async def nothing_is_answered(world: World) -> Any:
    return await in_a_hurry(world, b"")


@config_error("timeout")
async def half_of_it_is_answered(world: World) -> Any:
    return await in_a_hurry(world, HEAD + b"Content-Length: 99\r\n\r\n[{")


async def in_a_hurry(world: World, raw: bytes) -> Any:
    """Log in with little patience at a server that falls silent."""
    with world.monkeypatch.context() as patch:
        timeout = ClientTimeout(total=0.1)
        patch.setattr(login, "GatewayClient", partial(GatewayClient, timeout=timeout))
        async with answering(raw, hangs=True) as port:
            return await world.log_in_at(port)


@config_error("http_only")
async def https_is_asked_of_an_http_server(world: World) -> Any:
    return await world.log_in_at(world.rig.gateway.port, "https://")


@config_error("server_unhealthy")
async def the_database_is_down(world: World) -> Any:
    world.rig.gateway.server_healthy = False
    try:
        return await world.log_in_at(world.rig.gateway.port)
    finally:
        world.rig.gateway.server_healthy = True


@config_error("certificate")
async def nobody_vouches_for_the_certificate(world: World) -> Any:
    with own_certificate(world.folder) as port:
        return await world.log_in_at(port, "https://")


@config_error("redirected")
async def it_leads_to_https(world: World) -> Any:
    async with answering(REDIRECT) as port:
        return await world.log_in_at(port)


@config_error("settings_refused")
async def the_settings_are_refused(world: World) -> Any:
    form = await world.log_in_at(world.rig.gateway.port)
    assert form["step_id"] == "phone_settings"
    refuses = {"status": Fault(value=400, path="/settings$")}
    world.rig.gateway.faults.update(refuses)
    flows = world.hass.config_entries.flow
    return await flows.async_configure(form["flow_id"], {"pings": True})


@reaches("config", "abort", "already_configured")
async def it_is_set_up_twice(world: World) -> Any:
    account = await world.rig.add_account()
    unique_id = f"{world.rig.gateway.url}#user"
    world.hass.config_entries.async_update_entry(account.entry, unique_id=unique_id)
    return await world.log_in_at(world.rig.gateway.port)


@reaches("config", "abort", "reauth_successful")
async def the_new_password_is_right(world: World) -> Any:
    return await log_in_again(world, "user")


@reaches("config", "abort", "wrong_account")
async def the_new_login_is_anothers(world: World) -> Any:
    return await log_in_again(world, "omar")


async def log_in_again(world: World, username: str) -> Any:
    """Enter a login where the gateway has another one than before."""
    account = await world.rig.add_account()
    unique_id = f"{world.rig.gateway.url}#user"
    world.hass.config_entries.async_update_entry(account.entry, unique_id=unique_id)
    form = await account.entry.start_reauth_flow(world.hass)
    world.rig.gateway.username = username
    entered = {"username": username, "password": world.rig.gateway.password}
    flows = world.hass.config_entries.flow
    result = await flows.async_configure(form["flow_id"], entered)
    world.rig.gateway.username = "user"
    return result


@reaches("config", "abort", "reconfigure_successful")
async def the_address_is_changed(world: World) -> Any:
    account = await world.rig.add_account()
    form = await account.entry.start_reconfigure_flow(world.hass)
    entered = typed("private", world.rig.gateway)
    flows = world.hass.config_entries.flow
    return await flows.async_configure(form["flow_id"], entered)


@config_error("unknown")
async def home_assistant_is_closing(world: World) -> Any:
    """Last of all: it closes its connections while the form is still open."""
    flow_id = await start(world.hass, "local")
    world.hass.bus.async_fire_internal(EVENT_HOMEASSISTANT_CLOSE)
    entered = typed("local", world.rig.gateway)
    return await world.hass.config_entries.flow.async_configure(flow_id, entered)


@reaches("options", "error", "needs_https")
async def the_app_does_not_deliver_there(world: World) -> Any:
    return await world.options("private", {"webhook_base_url": "http://ha.local:8123"})


@reaches("options", "error", "invalid_number")
async def the_number_cannot_be_texted(world: World) -> Any:
    return await world.options("private", {"line_test_number": "12"})


@reaches("options", "error", "number_missing")
async def a_server_shows_no_number(world: World) -> Any:
    return await world.options("private", {"line_test": "weekly"})


@reaches("options", "error", "cannot_connect")
async def the_phone_is_off(world: World) -> Any:
    """Last of all: the gateway stays off."""
    return await world.options("local", {"new_signing_key": True})


def entered_contact(key: str, name: str, number: str, country: str = "SA") -> None:
    """Register an input that a contact's form refuses."""
    reaches("contact", "error", key)(lambda it: it.contact(name, number, country))


entered_contact("invalid_number", "Omar", "+12")
entered_contact("number_needs_country", "Omar", "0501234567", "")
entered_contact("unknown_contact", "Omar", "Omar")
entered_contact("ambiguous_number", "Omar", "00918123456789", "KR")
entered_contact("name_missing", "\u200f ", OMAR)
entered_contact("name_is_number", "055", OMAR)
entered_contact("name_taken", "SARA", OMAR)
entered_contact("number_taken", "Other", "0590042734")


@reaches("contact", "abort", "reconfigure_successful")
async def a_contact_is_changed(world: World) -> Any:
    account = await world.rig.add_account()
    (contact_id,) = account.entry.subentries
    form = await account.entry.start_subentry_reconfigure_flow(world.hass, contact_id)
    entered = {"name": "Sara", "phone_number": OMAR}
    flows = world.hass.config_entries.subentries
    return await flows.async_configure(form["flow_id"], entered)


@reaches("contact", "abort", "account_removed")
async def the_account_is_removed_meanwhile(world: World) -> Any:
    return await removed(world, is_account=True)


@reaches("contact", "abort", "contact_removed")
async def the_contact_is_removed_meanwhile(world: World) -> Any:
    return await removed(world, is_account=False)


async def removed(world: World, *, is_account: bool) -> Any:
    """Change a contact that is not there any more."""
    account = await world.rig.add_account()
    (contact_id,) = account.entry.subentries
    form = await account.entry.start_subentry_reconfigure_flow(world.hass, contact_id)
    if is_account:
        await world.hass.config_entries.async_remove(account.entry.entry_id)
    else:
        world.hass.config_entries.async_remove_subentry(account.entry, contact_id)
    entered = {"name": "Sara", "phone_number": OMAR}
    flows = world.hass.config_entries.subentries
    return await flows.async_configure(form["flow_id"], entered)


@reaches("contact", "abort", "first_sms_later")
async def not_now_is_clicked(world: World) -> Any:
    entry_id = (await world.rig.add_account()).entry.entry_id
    form = await new_contact(world.hass, entry_id, {"first_sms": True})
    flows = world.hass.config_entries.subentries
    later = {"next_step_id": "first_sms_later"}
    return await flows.async_configure(form["flow_id"], later)


@reaches("contact", "abort", "already_configured")
async def the_contact_was_added_in_another_dialog(world: World) -> Any:
    entry_id = (await world.rig.add_account()).entry.entry_id
    flows = world.hass.config_entries.subentries
    form = await new_contact(world.hass, entry_id, {"first_sms": True})
    await flows.async_configure(form["flow_id"], {"next_step_id": "first_sms"})
    omar = {"name": "Omar", "phone_number": OMAR}
    result = await flows.async_configure(form["flow_id"], {**omar, "message": "Hello"})
    other = await new_contact(world.hass, entry_id)
    await flows.async_configure(other["flow_id"], omar)
    while result["type"] == "progress":
        await world.hass.async_block_till_done(wait_background_tasks=True)
        result = await flows.async_configure(form["flow_id"])
    return result


def test_every_error_of_the_forms_has_a_case() -> None:
    """And no case is left of an error that no form has."""
    assert CASES.keys() | {NO_FORMS} == {
        (form, kind, key)
        for form, texts in FORMS.items()
        for kind in ("error", "abort")
        for key in texts.get(kind, {})
    }


@pytest.fixture
async def _names(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[None]:
    """Let Home Assistant ask a DNS server of this test's own."""
    async with name_server() as server:
        resolver = AsyncResolver(nameservers=[server], timeout=0.5, tries=1)
        resolver.real_close = resolver.close  # type: ignore[attr-defined]
        monkeypatch.setattr(
            aiohttp_client, "_async_make_resolver", lambda _hass: resolver
        )
        yield
        await resolver.close()


@pytest.fixture
def world(
    _names: None, rig: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> World:
    """What the cases act on."""
    use_cloud(monkeypatch, rig.gateway)
    rig.gateway.send_seconds = rig.gateway.deliver_seconds = 50.0
    return World(rig, monkeypatch, tmp_path)


@pytest.mark.parametrize("form", FORMS)
async def test_every_error_of_a_form_is_reached(world: World, form: str) -> None:
    """One after the other at one Home Assistant; each text has what it names."""
    for (of, kind, key), cases in CASES.items():
        for case in cases if of == form else ():
            for entry in world.entries if kind == "abort" else ():
                await world.hass.config_entries.async_remove(entry.entry_id)
            result = await case(world)
            await world.hass.async_block_till_done()
            ends = (result.get("errors") or {}).values()
            reached = ends if kind == "error" else [result.get("reason")]
            assert list(reached) == [key], case
            text = FORMS[form][kind][key]
            assert text.format(**(result["description_placeholders"] or {}))
