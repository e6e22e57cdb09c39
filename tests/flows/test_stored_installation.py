"""An installation of an earlier commit loads, and goes on where it was.

``stored/*.json`` was written by commit 62b7c3f, one installation per mode and way of
receiving: an account with two contacts, webhooks at the gateway, one SMS received and
one on its way. Only addresses and times are made to fit.
"""

from collections.abc import Mapping
import hashlib
import hmac
import json
from pathlib import Path
import time
from typing import Any, cast

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.sms_gate.const import DOMAIN
from tests.support.cloud import Cloud, cloud
from tests.support.common import Rig, Web, collect
from tests.support.receiving import quiet
from virtual_gateway import VirtualGateway

__all__ = ["cloud"]

STORED = sorted((Path(__file__).parent / "stored").glob("*.json"))
DAY = 24 * 3600


@pytest.fixture(params=STORED, ids=lambda path: path.stem)
def stored(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What an installation left behind."""
    found: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return found


class Installation:
    """A stored installation, brought to life."""

    def __init__(
        self,
        hass: HomeAssistant,
        web: Web,
        storage: dict[str, Any],
        stored: Mapping[str, Any],
    ) -> None:
        """Name the parts; nothing is set up yet."""
        self.hass, self.web, self.storage, self.stored = hass, web, storage, stored
        self.is_local = stored["entry"]["data"]["mode"] == "local"
        self.is_cloudhook = stored["entry"]["options"]["receive_mode"] == "cloudhook"
        self.secret: str = stored["entry"]["data"]["webhook_id"]

    def restore(self, gateway: VirtualGateway) -> MockConfigEntry:
        """Put phone, webhooks, files, devices and entities where they were."""
        phone = gateway.phones[0]
        phone_id = self.stored["received"][0]["gateway_device_id"]
        phone.id = phone.local_id = phone_id
        phone.signing_key = self.stored["entry"]["options"].get("signing_key")
        hooks = phone.webhooks if self.is_local else gateway.account_webhooks
        for hook in self.stored["webhooks"]:
            url = hook["url"].replace(
                "{home_assistant}", str(self.hass.config.internal_url)
            )
            hooks[hook["id"]] = {**hook, "url": url}
        self._restore_files()
        return self._restore_entry(gateway)

    def _restore_files(self) -> None:
        """Write the stored files; what was under way still is."""
        files = self.stored["files"]
        now = time.time()
        for message in files["tracker"]["messages"]:
            message |= {"since": now - 60, "until": now + 2 * DAY}
        files["receiving"]["alive"] = now - 30
        folder = Path(self.hass.config.path(".storage"))
        folder.mkdir(exist_ok=True)
        for kind, content in files.items():
            key = f"{DOMAIN}.{self.stored['entry']['entry_id']}.{kind}"
            if isinstance(content, str):
                (folder / key).write_text(content)
            else:
                self.storage[key] = {
                    "version": 1,
                    "minor_version": 1,
                    "key": key,
                    "data": content,
                }

    def _restore_entry(self, gateway: VirtualGateway) -> MockConfigEntry:
        """Add the entry with its devices and entities, as the registries had them."""
        kept = self.stored["entry"]
        entry = MockConfigEntry(
            domain=DOMAIN,
            entry_id=kept["entry_id"],
            version=kept["version"],
            minor_version=kept["minor_version"],
            title=kept["title"],
            unique_id=kept["unique_id"],
            data={
                **kept["data"],
                "url": kept["data"]["url"].replace("{gateway}", gateway.url),
            },
            options=kept["options"],
            subentries_data=[
                cast(ConfigSubentryDataWithId, subentry)
                for subentry in kept["subentries"]
            ],
        )
        entry.add_to_hass(self.hass)
        subentries = {item["subentry_id"] for item in kept["subentries"]}
        devices = {
            item["identifier"]: dr.async_get(self.hass).async_get_or_create(
                config_entry_id=entry.entry_id,
                config_subentry_id=item["identifier"]
                if item["identifier"] in subentries
                else None,
                identifiers={(DOMAIN, item["identifier"])},
                name=item["name"],
            )
            for item in self.stored["devices"]
        }
        for item in self.stored["entities"]:
            er.async_get(self.hass).async_get_or_create(
                item["domain"],
                DOMAIN,
                item["unique_id"],
                config_entry=entry,
                config_subentry_id=item["subentry"],
                device_id=devices[item["device"]].id,
                suggested_object_id=_own_name(item["entity_id"]),
            )
        return entry

    async def post(self, body: Mapping[str, Any]) -> int:
        """Post a webhook to the address that the phone has; return the status."""
        raw = json.dumps(body).encode()
        path = "webhook" if self.is_cloudhook else f"{DOMAIN}/webhook"
        response = await self.web.post(
            f"/api/{path}/{self.secret}", data=raw, headers=self._signed(raw)
        )
        await quiet(self.hass)
        return response.status

    def _signed(self, raw: bytes) -> dict[str, str]:
        """Return the headers of a phone that has the account's key."""
        if (key := self.stored["entry"]["options"].get("signing_key")) is None:
            return {}
        now = str(int(time.time()))
        digest = hmac.new(key.encode(), raw + now.encode(), hashlib.sha256)
        return {"X-Timestamp": now, "X-Signature": digest.hexdigest()}

    def event(self, event: str, **payload: Any) -> dict[str, Any]:
        """Return a webhook's body of the stored phone."""
        return {
            "id": f"event {event} {sorted(payload.items())}",
            "webhookId": "any",
            "deviceId": self.stored["received"][0]["gateway_device_id"],
            "event": event,
            "payload": payload,
        }


def _own_name(entity_id: str) -> str:
    """Return what a person renamed an entity to."""
    return f"{entity_id.partition('.')[2]}_of_mine"


@pytest.fixture
async def installation(
    hass: HomeAssistant,
    rig: Rig,
    web: Web,
    cloud: Cloud,
    hass_storage: dict[str, Any],
    stored: dict[str, Any],
) -> Installation:
    """The stored installation, loaded by the code of today."""
    found = Installation(hass, web, hass_storage, stored)
    if found.is_cloudhook:
        assert await async_setup_component(hass, "webhook", {})
        cloud.log_in()
        cloud.lead_here()
    entry = found.restore(rig.gateway)
    await hass.config_entries.async_setup(entry.entry_id)
    await quiet(hass)
    assert entry.state is ConfigEntryState.LOADED
    return found


async def test_entities_keep_their_ids_and_names(
    hass: HomeAssistant, installation: Installation
) -> None:
    """None is left behind, none comes a second time."""
    found = {
        item.unique_id: item.entity_id
        for item in er.async_entries_for_config_entry(
            er.async_get(hass), installation.stored["entry"]["entry_id"]
        )
    }
    for item in installation.stored["entities"]:
        own = f"{item['domain']}.{_own_name(item['entity_id'])}"
        assert found[item["unique_id"]] == own
    assert len(set(found.values())) == len(found)
    shown = [
        item for item in installation.stored["entities"] if item["domain"] == "event"
    ]
    assert len(shown) == 3
    for item in shown:
        assert hass.states.get(f"event.{_own_name(item['entity_id'])}") is not None


async def test_webhooks_of_the_account_stay_registered(
    rig: Rig, installation: Installation
) -> None:
    """The same ids lead to the same address: the phone may still try to deliver."""
    hooks = (
        rig.gateway.phones[0].webhooks
        if installation.is_local
        else rig.gateway.account_webhooks
    )
    if installation.stored["entry"]["options"]["receive_mode"] == "poll":
        assert hooks == {}
        return
    before = {item["id"]: item for item in installation.stored["webhooks"]}
    received = next(it for it in before.values() if it["event"] == "sms:received")
    assert received["id"] in hooks
    assert installation.secret in str(hooks[received["id"]]["url"])
    ours = {key for key in hooks if key.startswith(received["id"][:12])}
    # Batches came with the app's 1.71, which a local phone says that it has
    assert {key for key in ours if "-batch-" not in key} <= set(before)


async def test_what_was_received_does_not_come_again(
    hass: HomeAssistant, installation: Installation
) -> None:
    """The identities of the older file are known; what is new is received."""
    collected = collect(hass)
    for known in installation.stored["received"]:
        payload = {
            "messageId": known["message_id"],
            "sender": known["sender"],
            "message": known["message"],
            "simNumber": 1,
            "receivedAt": known["timestamp"],
        }
        assert await installation.post(installation.event("sms:received", **payload))
        assert collected.kinds() == []
    payload |= {"messageId": "abcdef", "message": "after the update"}
    assert await installation.post(installation.event("sms:received", **payload)) == 200
    assert [item["message"] for item in collected.data("sms_received")] == [
        "after the update"
    ]
    assert collected.data("sms_received")[0]["contact"] == known["contact"]


async def test_a_message_on_its_way_is_followed(
    hass: HomeAssistant, installation: Installation
) -> None:
    """It is pending until the phone reports that it was sent."""
    pending = next(
        f"sensor.{_own_name(item['entity_id'])}"
        for item in installation.stored["entities"]
        if item["unique_id"].endswith("-pending")
    )
    assert hass.states.get(pending).state == "1"  # type: ignore[union-attr]
    sent = installation.event(
        "sms:sent",
        messageId=installation.stored["under_way"],
        recipient="+966501234567",
        sentAt="2026-11-25T10:00:00.000+03:00",
    )
    assert await installation.post(sent) == 200
    assert hass.states.get(pending).state == "0"  # type: ignore[union-attr]
