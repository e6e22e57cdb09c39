"""The view the phone posts to: authenticate, parse, hand over, answer.

The phone tries again, for about two days, whatever is not answered 2xx. So 2xx means
"taken", and everything else keeps the message on the phone.
"""

import hmac
from http import HTTPStatus
from typing import Final

from aiohttp.web import Request, Response
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
import orjson

from ..const import DOMAIN
from ..gateway.errors import InvalidPayloadError
from ..gateway.events import parse_events
from ..runtime import SmsGateConfigEntry
from .address import WEBHOOK_PATH

MAX_BODY_BYTES: Final = 15 * 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024


class WebhookView(HomeAssistantView):
    """One view for all accounts; the secret in the path names the account."""

    url = f"{WEBHOOK_PATH}/{{secret}}"
    name = f"api:{DOMAIN}:webhook"
    requires_auth = False

    async def post(self, request: Request, secret: str) -> Response:
        """Take one event."""
        if (entry := _entry_of(request.app[KEY_HASS], secret)) is None:
            return Response(status=HTTPStatus.NOT_FOUND)
        if entry.state is not ConfigEntryState.LOADED:
            return Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        return await async_answer(request, entry)


async def async_answer(request: Request, entry: SmsGateConfigEntry) -> Response:
    """Answer for a loaded account; cloudhooks end here as well."""
    if (body := await _read_body(request)) is None:
        return Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    # It may have been unloaded while a slow phone was still sending
    if entry.state is not ConfigEntryState.LOADED:
        return Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
    # While Home Assistant starts, no automation would see the message
    if not entry.runtime_data.receiving.is_open:
        return Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
    if not entry.runtime_data.signatures.accepts(request.headers, body):
        return Response(status=HTTPStatus.UNAUTHORIZED)
    return await _async_take(entry, body, request.headers.get("User-Agent", ""))


def _entry_of(hass: HomeAssistant, secret: str) -> SmsGateConfigEntry | None:
    """Return the account with this secret, compared in constant time."""
    offered = secret.encode("utf-8", "surrogatepass")
    found = None
    for entry in hass.config_entries.async_entries(DOMAIN):
        expected = str(entry.data.get(CONF_WEBHOOK_ID, "")).encode()
        if hmac.compare_digest(offered, expected) and expected:
            found = entry
    return found


async def _read_body(request: Request) -> bytes | None:
    """Return the raw body, None where it is too large.

    Home Assistant Cloud hands over a request of its own kind, with this one way of
    reading, no length, and a content that begins anew whenever it is asked for.
    """
    if (getattr(request, "content_length", 0) or 0) > MAX_BODY_BYTES:
        return None
    content, body = request.content, bytearray()
    while chunk := await content.read(CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


async def _async_take(entry: SmsGateConfigEntry, body: bytes, sender: str) -> Response:
    """Hand the events of a body to the pipeline and answer for them."""
    try:
        events = parse_events(orjson.loads(body))
    except orjson.JSONDecodeError, InvalidPayloadError:
        return Response(status=HTTPStatus.BAD_REQUEST)
    data = entry.runtime_data
    try:
        await data.pipeline.async_process_pushed(*events)
    except OSError:
        return Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
    if events:
        data.phone_monitor.async_pushed(events[0].device_id)
    _, app, version = sender.partition("smsgateway/")
    if app and version and events:
        data.account.phones.async_note_version(events[0].device_id, version[:20])
    return Response(status=HTTPStatus.OK)
