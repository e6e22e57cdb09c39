"""The least that can take a webhook: a view that parses JSON and fires one event.

It becomes a custom component of the measured Home Assistant, in the same process as
the integration it is compared with.
"""

from aiohttp.web import Request, Response
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.typing import ConfigType
import orjson

DOMAIN = "bench_bare"
PATH = "/api/bench_bare"
CONFIG_SCHEMA = cv.empty_config_schema(DOMAIN)


class BareView(HomeAssistantView):
    """No signature, no duplicates, no contacts, no entities."""

    url = PATH
    name = "api:bench_bare"
    requires_auth = False

    async def post(self, request: Request) -> Response:
        """Take one event."""
        event = orjson.loads(await request.read())
        request.app[KEY_HASS].bus.async_fire(DOMAIN, event["payload"])
        return Response()


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Offer the view."""
    hass.http.register_view(BareView)
    return True
