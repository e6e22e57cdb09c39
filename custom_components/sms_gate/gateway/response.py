"""Reading the gateway's answers. Nothing of Home Assistant here."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import ClientResponse
import orjson

from .errors import (
    GatewayAuthError,
    GatewayBusyError,
    GatewayConflictError,
    GatewayNotFoundError,
    GatewayRedirectError,
    GatewayRejectedError,
    GatewayResponseError,
    GatewayServerError,
    InvalidPayloadError,
)
from .fields import opt_str_field
from .models import Device, Health, InboxMessage, Message, Webhook

MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024

_BUSY: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_REALM: Final = 'realm="Access to SMS Gateway"'
_AUTH: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_REJECTED: Final[Mapping[int, type[GatewayRejectedError]]] = {
    HTTPStatus.NOT_FOUND: GatewayNotFoundError,
    HTTPStatus.CONFLICT: GatewayConflictError,
}


async def read_body(response: ClientResponse, limit: int | None = None) -> bytes:
    """Read the whole body, but no more bytes than a gateway would send."""
    limit = MAX_ANSWER_BYTES if limit is None else limit
    if (response.content_length or 0) > limit:
        raise GatewayResponseError("The answer is too large")
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > limit:
            raise GatewayResponseError("The answer is too large")
    return bytes(body)


def parse_response(response: ClientResponse, body: bytes, *, decode: bool) -> object:
    """Return the decoded body of a success, raise what else the status says."""
    status = response.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return decode_json(body) if decode else None
    if status in _AUTH and _is_own_refusal(response, body):
        raise GatewayAuthError(f"HTTP status {status}")
    if status in _AUTH:
        raise GatewayResponseError(f"HTTP status {status} of something in between")
    if status in _BUSY and (reason := error_message(body)):
        raise GatewayBusyError(reason, retry_after(response))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise GatewayServerError(status)
    if status >= HTTPStatus.BAD_REQUEST:
        raise _REJECTED.get(status, GatewayRejectedError)(status, error_message(body))
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise GatewayRedirectError(status, response.headers.get("Location", ""))
    raise GatewayResponseError(f"HTTP status {status}")


def _is_own_refusal(response: ClientResponse, body: bytes) -> bool:
    """Return True if the gateway itself refuses the login, not a proxy before it.

    Servers say so in JSON; a phone asks for its own realm and sends no body (the app's
    ``WebService``).
    """
    if body:
        return bool(error_message(body))
    return _REALM in response.headers.get("WWW-Authenticate", "")


def decode_json(body: bytes) -> object:
    """Decode JSON; an empty body is None."""
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise GatewayResponseError("The answer is not JSON") from None


def error_message(body: bytes) -> str:
    """Return the gateway's words of a refusal, empty where it has none."""
    try:
        answer = decode_json(body)
        return (
            (opt_str_field(answer, "message") or "") if isinstance(answer, dict) else ""
        )
    except GatewayResponseError, InvalidPayloadError:
        return ""


def total_count(headers: Mapping[str, str], least: int) -> int:
    """Return ``X-Total-Count``, or what is known without it."""
    try:
        return int(headers["X-Total-Count"])
    except KeyError, ValueError:
        return least


def retry_after(response: ClientResponse) -> float | None:
    """Return the seconds of ``Retry-After``; a date there is ignored."""
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except KeyError, ValueError:
        return None


def parse_model[T: (Device, Health, InboxMessage, Message, Webhook)](
    answer: object, model: type[T]
) -> T:
    """Turn the answer into a model."""
    try:
        return model.from_payload(answer)
    except InvalidPayloadError as err:
        raise GatewayResponseError(str(err)) from err


def parse_list[T: (Device, Health, InboxMessage, Message, Webhook)](
    answer: object, model: type[T]
) -> tuple[T, ...]:
    """Turn a list in the answer into models."""
    if not isinstance(answer, list):
        raise GatewayResponseError("The answer is not a list")
    return tuple(parse_model(item, model) for item in answer)
