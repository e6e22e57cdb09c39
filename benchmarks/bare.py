"""The least that can take a webhook, and the least that can send.

A view, and a handler of the webhook component, that parse JSON and fire one event, and
an action that makes one request. A second view writes what the contract wants of an
SMS and nothing else: the states of a contact's and a phone's event entity, and a line of
the activity.
They become a custom component of the measured Home Assistant, in the same process as
the integration they are compared with. It also counts what the integration fires.
"""

from typing import Any

from aiohttp import BasicAuth
from aiohttp.web import Request, Response
from homeassistant.components import webhook
from homeassistant.core import Event, HomeAssistant, ServiceCall, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.entity import StateInfo
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.typing import ConfigType
from homeassistant.util.dt import utcnow
import orjson
import voluptuous as vol

DOMAIN = "bench_bare"
PATH = "/api/bench_bare"
STATES_PATH = "/api/bench_states"
OWNERS = ("phone", "contact")
WEBHOOK_ID = "bench_bare"
WEBHOOK_PATH = f"/api/webhook/{WEBHOOK_ID}"
CONFIG_SCHEMA = vol.Schema({DOMAIN: dict}, extra=vol.ALLOW_EXTRA)


class BareView(HomeAssistantView):
    """No signature, no duplicates, no contacts, no entities."""

    url = PATH
    name = "api:bench_bare"
    requires_auth = False

    def __init__(self) -> None:
        """Begin to count at nothing."""
        self._events = 0
        self._ids = 0

    async def post(self, request: Request) -> Response:
        """Take one event."""
        event = orjson.loads(await request.read())
        request.app[KEY_HASS].bus.async_fire(DOMAIN, event["payload"])
        return Response()

    @callback
    def count(self, event: Event[dict[str, Any]]) -> None:
        """Note what the integration fired; ids are hexadecimal numbers."""
        self._events += 1
        self._ids += int(event.data["message_id"], 16)

    async def get(self, request: Request) -> Response:
        """Tell how many events there were, and the sum of their messages' ids."""
        return self.json({"events": self._events, "ids": self._ids})


class StatesView(HomeAssistantView):
    """The rows that an SMS has to leave, by the shortest way."""

    url = STATES_PATH
    name = "api:bench_states"
    requires_auth = False

    def __init__(self, contact: str) -> None:
        """Know the number of the one contact."""
        self._contact = contact

    async def post(self, request: Request) -> Response:
        """Write the state of the phone and, where one wrote, of the contact."""
        event = orjson.loads(await request.read())
        hass, payload = request.app[KEY_HASS], event["payload"]
        hass.bus.async_fire(f"{DOMAIN}_activity", {"kind": event["event"]})
        state = utcnow().isoformat(timespec="microseconds")
        info: StateInfo = {"unrecorded_attributes": frozenset(payload)}
        for owner in OWNERS[: 1 + (payload["sender"] == self._contact)]:
            hass.states.async_set(
                f"event.bench_{owner}", state, payload, state_info=info
            )
        return Response()


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Offer the view and the action."""
    gateway = config[DOMAIN]
    session = async_get_clientsession(hass)
    auth = BasicAuth(gateway["username"], gateway["password"])
    view = BareView()
    hass.http.register_view(view)
    hass.http.register_view(StatesView(gateway["contact"]))
    hass.bus.async_listen("sms_gate_sms_received", view.count)

    async def send(call: ServiceCall) -> None:
        """Make one request, whatever comes of it."""
        body = {
            "phoneNumbers": call.data["recipients"],
            "textMessage": {"text": call.data["message"]},
        }
        async with session.post(gateway["url"], json=body, auth=auth) as answer:
            answer.raise_for_status()
            await answer.json()

    async def handle(
        hass: HomeAssistant, webhook_id: str, request: Request
    ) -> Response:
        """Take one event as the webhook component hands it over."""
        event = orjson.loads(await request.read())
        hass.bus.async_fire(DOMAIN, event["payload"])
        return Response()

    webhook.async_register(hass, DOMAIN, "Bench", WEBHOOK_ID, handle)
    hass.services.async_register(DOMAIN, "send", send)
    return True
