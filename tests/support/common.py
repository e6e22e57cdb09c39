"""What tests of the integration share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import hashlib
import hmac
import time
from typing import Any

from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryDataWithId
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.util import slugify
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.sms_gate.const import DOMAIN
from harness.until import until
from virtual_gateway import VirtualGateway, VirtualPhone

type Web = TestClient[Request, Application]

SARA = "+966590042734"
OMAR = "+966501234567"
SECRET = "5ec3e7" * 8
SIGNING_KEY = "k3y of the phone"


def contact(
    name: str, phone_number: str, sim_number: int | None = None
) -> ConfigSubentryDataWithId:
    """Return a contact as an entry stores it."""
    data: dict[str, Any] = {"name": name, "phone_number": phone_number}
    if sim_number:
        data["sim_number"] = sim_number
    return ConfigSubentryDataWithId(
        data=data,
        subentry_id=f"contact_{slugify(name)}_{phone_number.strip('+')}",
        subentry_type="contact",
        title=name,
        unique_id=phone_number,
    )


@dataclass
class Account:
    """An account that is set up."""

    hass: HomeAssistant
    entry: MockConfigEntry
    gateway: VirtualGateway

    @property
    def phone(self) -> VirtualPhone:
        """The account's first phone."""
        return self.gateway.phones[0]

    @property
    def webhook_path(self) -> str:
        """Where the phone posts to."""
        return f"/api/sms_gate/webhook/{self.entry.data['webhook_id']}"

    async def send(self, message: str, *recipients: str, **data: Any) -> Any:
        """Run the action and return its answer."""
        return await self.hass.services.async_call(
            DOMAIN,
            "send_message",
            {"message": message, "recipients": list(recipients), **data},
            blocking=True,
            return_response=True,
        )

    async def settled(self) -> None:
        """Wait until the gateway has nothing to do, and Home Assistant neither."""
        await self.gateway.settled()
        await self.hass.async_block_till_done()


@dataclass
class Rig:
    """Home Assistant, a gateway, and the web server in between."""

    hass: HomeAssistant
    gateway: VirtualGateway
    web: Web
    _number: int = field(default=0, init=False)

    async def add_account(
        self,
        *,
        mode: str = "private",
        gateway: VirtualGateway | None = None,
        contacts: tuple[ConfigSubentryDataWithId, ...] = (contact("Sara", SARA),),
        options: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        state: ConfigEntryState = ConfigEntryState.LOADED,
        title: str = "SMS Gate",
        known_apps: bool = True,
        entry_id: str | None = None,
    ) -> Account:
        """Set an account up, as the config flow would have left it.

        With ``known_apps`` its phones' apps are known already, as they are after the
        first webhook.
        """
        gateway = gateway or self.gateway
        self._number += 1
        path = {"local": "", "cloud": "/3rdparty/v1", "private": "/api/3rdparty/v1"}[
            mode
        ]
        entry = MockConfigEntry(
            domain=DOMAIN,
            version=2,
            title=title,
            entry_id=entry_id,
            unique_id=f"account {self._number}",
            data={
                "mode": mode,
                "url": gateway.url + path,
                "username": gateway.username,
                "password": gateway.password,
                "webhook_id": f"{SECRET}{self._number}",
                **(data or {}),
            },
            options=dict(options or {}),
            subentries_data=contacts,
        )
        entry.add_to_hass(self.hass)
        if known_apps and mode != "local":
            for phone in gateway.phones:
                dr.async_get(self.hass).async_get_or_create(
                    config_entry_id=entry.entry_id,
                    identifiers={(DOMAIN, phone.id)},
                    sw_version=phone.app_version,
                )
        await self.hass.config_entries.async_setup(entry.entry_id)
        await self.hass.async_block_till_done()
        await until(lambda: entry.state is state, f"an entry that is {state}")
        return Account(self.hass, entry, gateway)


@dataclass
class Collected:
    """Events of the bus, in order."""

    events: list[Event] = field(default_factory=list)

    def data(self, kind: str) -> list[dict[str, Any]]:
        """Return the data of the events of one kind."""
        return [
            dict(event.data)
            for event in self.events
            if event.event_type == f"{DOMAIN}_{kind}"
        ]

    def kinds(self) -> list[str]:
        """Return what came, in order."""
        return [
            str(event.event_type).removeprefix(f"{DOMAIN}_") for event in self.events
        ]


KINDS = (
    "sms_received",
    "sms_data_received",
    "mms_received",
    "mms_downloaded",
    "sms_sent",
    "sms_delivered",
    "sms_failed",
    "sms_cancelled",
    "system_ping",
    "app_started",
)


def collect(hass: HomeAssistant) -> Collected:
    """Collect all events of ours from now on."""
    collected = Collected()

    @callback  # anything else runs in the executor, late and in any order
    def note(event: Event) -> None:
        collected.events.append(event)

    for kind in KINDS:
        hass.bus.async_listen(f"{DOMAIN}_{kind}", note)
    return collected


def event_body(event: str = "sms:received", **payload: Any) -> dict[str, Any]:
    """Return a webhook's body as the phone posts it."""
    return {
        "id": "Ey6ECgOkVVFjz3CL48B8C",
        "webhookId": "LreFUt-Z3sSq0JufY9uWB",
        "deviceId": "ffffffffceb0b1db0000018e937c815b",
        "event": event,
        "payload": {
            "messageId": "abc123",
            "message": "Hello",
            "sender": SARA,
            "recipient": None,
            "simNumber": 1,
            "receivedAt": "2026-06-22T15:46:11.000+03:00",
            **payload,
        },
    }


def signed(
    raw: bytes, key: str = SIGNING_KEY, age: float = 0, timestamp: str | None = None
) -> dict[str, str]:
    """Return the headers of a body that was signed some seconds ago."""
    timestamp = timestamp or str(int(time.time() - age))
    digest = hmac.new(key.encode(), raw + timestamp.encode(), hashlib.sha256)
    return {"X-Timestamp": timestamp, "X-Signature": digest.hexdigest()}
