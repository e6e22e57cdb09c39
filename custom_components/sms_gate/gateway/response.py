"""Reading the gateway's answers, and telling them from those of anything in between.

The server refuses in JSON (``{"message": "Unauthorized"}``), but for a path that it
does not have. The phone refuses a login with an empty body and a challenge under its
own realm, and answers some other errors with an empty body. Sources: the server's
``handlers`` and go-infra-fx's ``http``; the app's ``modules/localserver/WebService``.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from math import isfinite
from typing import Final

from aiohttp import ClientResponse

from . import decoding
from .errors import (
    GatewayAuthError,
    GatewayBusyError,
    GatewayConflictError,
    GatewayNotFoundError,
    GatewayRedirectError,
    GatewayRejectedError,
    GatewayResponseError,
    GatewayServerError,
    GatewayUnavailableError,
    InvalidPayloadError,
)
from .fields import Items, as_object, parse_items, str_field
from .models import Device, Health, InboxMessage, Message, Webhook
from .settings import Settings

MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024
MAX_REASON_LENGTH: Final = 200
MAX_RETRY_SECONDS: Final = 3600.0

_AUTH: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_UNAVAILABLE: Final = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
# A captive portal, or a proxy that wants a login of its own
_IN_BETWEEN: Final = (
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
    HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED,
)
_REJECTED: Final[Mapping[int, type[GatewayRejectedError]]] = {
    HTTPStatus.NOT_FOUND: GatewayNotFoundError,
    HTTPStatus.CONFLICT: GatewayConflictError,
}
# The one 503 of the server itself (``modules/messages/errors.go``)
_QUEUE_IS_FULL: Final = "queue limits exceeded"
_NO_SUCH_PATH: Final = b"Not Found"
# The realm is "Access to SMS Gateway"
_PHONE_REALM: Final = "sms gate"


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
    """Return the decoded body of a success, raise the error of any other status."""
    status = response.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        if not decode and response.content_type == "text/html":
            raise GatewayResponseError("A web page")
        return decode_json(body) if decode else None
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise GatewayRedirectError(status, response.headers.get("Location", ""))
    if status < HTTPStatus.OK or status in _IN_BETWEEN:
        raise GatewayResponseError(f"HTTP status {status}")
    reason = error_message(body)
    if status in _UNAVAILABLE:
        retry = retry_after(response.headers)
        if status == HTTPStatus.SERVICE_UNAVAILABLE and _is_full(reason):
            raise GatewayBusyError(reason or "", retry)
        raise GatewayUnavailableError(status, retry)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise GatewayServerError(status, retry_after(response.headers))
    if not _is_own_refusal(response, body, reason):
        raise GatewayResponseError(f"HTTP status {status}")
    if status in _AUTH:
        raise GatewayAuthError(f"HTTP status {status}")
    raise _REJECTED.get(status, GatewayRejectedError)(status, reason or "")


def _is_full(reason: str | None) -> bool:
    return reason is not None and reason.startswith(_QUEUE_IS_FULL)


def _is_own_refusal(response: ClientResponse, body: bytes, reason: str | None) -> bool:
    """Return True if the gateway itself refused, and nothing in front of it."""
    challenge = response.headers.get("WWW-Authenticate")
    if challenge is not None:
        return _PHONE_REALM in challenge.lower()
    if response.status in _AUTH:
        return reason is not None
    return reason is not None or body in (b"", _NO_SUCH_PATH)


def decode_json(body: bytes) -> object:
    """Decode JSON; an empty body is None."""
    if not body:
        return None
    try:
        return decoding.decode_json(body)
    except InvalidPayloadError as err:
        raise GatewayResponseError(str(err)) from None


def error_message(body: bytes) -> str | None:
    """Return the gateway's words of a refusal on one line, None where it has none."""
    try:
        words = str_field(as_object(decode_json(body), "answer"), "message", None)
    except GatewayResponseError, InvalidPayloadError:
        return None
    return " ".join(words[: 2 * MAX_REASON_LENGTH].split())[:MAX_REASON_LENGTH]


def total_count(headers: Mapping[str, str], least: int, *, more: bool) -> int | None:
    """Return ``X-Total-Count``; None where it is missing and there may be more."""
    try:
        return max(int(headers["X-Total-Count"]), least)
    except KeyError, ValueError:
        return None if more else least


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until the time in ``Retry-After``, an hour at most."""
    value = headers.get("Retry-After", "")
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value)
    return min(max(0.0, seconds), MAX_RETRY_SECONDS) if isfinite(seconds) else None


def _seconds_until(http_date: str) -> float:
    try:
        date = parsedate_to_datetime(http_date)
        return (date.astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except ValueError, OverflowError:
        return float("nan")


def parse_model[T: (Device, Health, InboxMessage, Message, Settings, Webhook)](
    answer: object, model: type[T]
) -> T:
    """Turn the answer into a model."""
    try:
        return model.from_payload(answer)
    except InvalidPayloadError as err:
        raise GatewayResponseError(str(err)) from err


def parse_list[T: (Device, InboxMessage, Message, Webhook)](
    answer: object, model: type[T]
) -> Items[T]:
    """Turn a list in the answer into models, and leave odd items out."""
    if not isinstance(answer, list):
        raise GatewayResponseError("The answer is not a list")
    return parse_items(answer, model.from_payload)
