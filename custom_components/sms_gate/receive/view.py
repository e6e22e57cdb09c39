"""The view the phone posts to: authenticate, parse, process, answer.

The phone tries again, for about two days, whatever is not answered 2xx. So 2xx means
that the event was processed, and everything else keeps the message on the phone.
"""

import asyncio
import hmac
from http import HTTPStatus
from typing import Final

from aiohttp.web import Request, Response
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.util.hass_dict import HassKey

from ..account.context import Account
from ..const import DOMAIN
from ..gateway.decoding import decode_json, run_for
from ..gateway.errors import InvalidPayloadError
from ..gateway.events import GatewayEvent, parse_events
from ..gateway.fields import Items
from .pipeline import Pipeline, PipelineClosedError
from .signature_watch import SignatureWatch

WEBHOOK_PATH: Final = f"/api/{DOMAIN}/webhook"
MAX_BODY_BYTES: Final = 15 * 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024
# Larger bodies are MMS, of which few come at once
SMALL_BYTES: Final = 256 * 1024
MAX_LARGE_AT_ONCE: Final = 2
READ_SECONDS: Final = 120.0


class _RefusedError(Exception):
    """A post is answered with this status, and was not processed."""

    def __init__(self, status: HTTPStatus) -> None:
        """Take the status."""
        super().__init__(status)
        self.status = status


class WebhookHandler:
    """Handles what the phones of one loaded account post."""

    def __init__(self, account: Account, pipeline: Pipeline) -> None:
        """Watch the signatures from now on."""
        self._account = account
        self._pipeline = pipeline
        self._large = asyncio.Semaphore(MAX_LARGE_AT_ONCE)
        self.signatures = SignatureWatch(account.hass, account.entry)

    async def async_handle(self, request: Request) -> Response:
        """Answer for one post."""
        try:
            events = await self._async_events(request)
            self._account.log_skipped("messages of a batch", events)
            await self._pipeline.async_process(*events)
        except _RefusedError as err:
            return Response(status=err.status)
        except PipelineClosedError:
            return Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        if events:
            self._note_phone(events[0].device_id, request.headers.get("User-Agent", ""))
        return Response(status=HTTPStatus.OK)

    async def _async_events(self, request: Request) -> Items[GatewayEvent]:
        """Return what a post brings; of large ones, only some at once are in memory.

        Raises:
            _RefusedError: it was not processed.
        """
        if not self.signatures.may_accept(request.headers):
            raise _RefusedError(HTTPStatus.UNAUTHORIZED)
        length = getattr(request, "content_length", None)
        if length is not None and length <= SMALL_BYTES:
            return await self._async_parse(request, await _read_body(request))
        async with self._large:
            try:
                async with asyncio.timeout(READ_SECONDS):
                    body = await _read_body(request)
            except TimeoutError:
                raise _RefusedError(HTTPStatus.SERVICE_UNAVAILABLE) from None
            return await self._async_parse(request, body)

    async def _async_parse(self, request: Request, body: bytes) -> Items[GatewayEvent]:
        """Check the signature of a body, and return its events."""
        headers = request.headers
        # The account may have been unloaded while a slow phone was still sending
        self._check_open()
        result = await run_for(body, self.signatures.check, headers, body)
        self._check_open()
        if not self.signatures.accepts(result, headers, body):
            raise _RefusedError(HTTPStatus.UNAUTHORIZED)
        try:
            return await run_for(body, _parse, body)
        except InvalidPayloadError:
            raise _RefusedError(HTTPStatus.BAD_REQUEST) from None

    def _check_open(self) -> None:
        if not self._pipeline.is_open:
            raise _RefusedError(HTTPStatus.SERVICE_UNAVAILABLE)

    def _note_phone(self, gateway_device_id: str, user_agent: str) -> None:
        """Note that a phone delivered, and the version of its app."""
        version = user_agent.partition("smsgateway/")[2][:20]
        self._account.phones.async_handle_push(gateway_device_id, version)


# Known secrets; without a handler while their account is not loaded
_HANDLERS: HassKey[dict[str, WebhookHandler | None]] = HassKey(f"{DOMAIN}_webhooks")


@callback
def async_expect(hass: HomeAssistant, secret: str) -> None:
    """Let the phone try again, until a handler is there."""
    hass.data.setdefault(_HANDLERS, {}).setdefault(secret, None)


@callback
def async_open(
    hass: HomeAssistant, secret: str, handler: WebhookHandler
) -> CALLBACK_TYPE:
    """Let a handler answer; return what ends that."""
    handlers = hass.data.setdefault(_HANDLERS, {})
    handlers[secret] = handler

    @callback
    def async_close() -> None:
        if handlers.get(secret) is handler:
            handlers[secret] = None

    return async_close


@callback
def async_forget(hass: HomeAssistant, secret: str) -> None:
    """Answer 404 from now on: the account was removed."""
    hass.data.get(_HANDLERS, {}).pop(secret, None)


class WebhookView(HomeAssistantView):
    """One view for all accounts; the secret in the path names the account."""

    url = f"{WEBHOOK_PATH}/{{secret}}"
    name = f"api:{DOMAIN}:webhook"
    requires_auth = False

    async def post(self, request: Request, secret: str) -> Response:
        """Handle one post."""
        return await async_respond(request.app[KEY_HASS], secret, request)


async def async_respond(hass: HomeAssistant, secret: str, request: Request) -> Response:
    """Answer for the account of a secret; cloudhooks end here as well."""
    handlers = hass.data.get(_HANDLERS, {})
    if (known := _find(handlers, secret)) is None:
        return Response(status=HTTPStatus.NOT_FOUND)
    if (handler := handlers[known]) is None:
        return Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
    return await handler.async_handle(request)


def _find(handlers: dict[str, WebhookHandler | None], secret: str) -> str | None:
    """Return the known secret that equals this one, compared in constant time."""
    offered = secret.encode("utf-8", "surrogatepass")
    equal = [key for key in handlers if hmac.compare_digest(offered, key.encode())]
    return equal[0] if equal else None


def _parse(body: bytes) -> Items[GatewayEvent]:
    return parse_events(decode_json(body))


async def _read_body(request: Request) -> bytes:
    """Return the raw body.

    Home Assistant Cloud passes on a request of its own kind, with this one way of
    reading, no length, and a content that begins again whenever it is asked for.

    Raises:
        _RefusedError: it is too large.
    """
    if (getattr(request, "content_length", 0) or 0) > MAX_BODY_BYTES:
        raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    content, body = request.content, bytearray()
    while chunk := await content.read(CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(body)
