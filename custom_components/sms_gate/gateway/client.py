"""The gateway's HTTP API.

https://docs.sms-gate.app/integration/api/; the phone's own API is the same with
other paths below its root (the app's ``modules/localserver``).
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Literal
from urllib.parse import quote

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    ConnectionTimeoutError,
)
import orjson

from .decoding import run_for
from .errors import (
    GatewayCertificateError,
    GatewayConnectionError,
    GatewayHostError,
    GatewayNotFoundError,
    GatewayRejectedError,
    GatewayResponseError,
    GatewayServerError,
    GatewayTimeoutError,
    GatewayTlsError,
    GatewayUnreachableError,
)
from .fields import Items, rfc3339
from .models import Device, Health, InboxMessage, Message, OutgoingMessage, Webhook
from .response import (
    decode_json,
    parse_list,
    parse_model,
    parse_response,
    read_body,
    total_count,
)
from .settings import Settings

DEFAULT_TIMEOUT: Final = ClientTimeout(total=10, connect=5)
# A film over weak Wi-Fi takes long; a phone that is gone sends nothing at all
FILE_TIMEOUT: Final = ClientTimeout(total=60, connect=5, sock_read=10)
# Server 1.41 knew the path, but answered that it was not implemented yet
_NO_REFRESH: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.NOT_IMPLEMENTED)


class GatewayClient:
    """One account of a gateway, or one phone in the local network.

    Every method raises a ``GatewayError``: ``GatewayConnectionError`` (and its kind)
    where it is unknown whether the request was carried out, ``GatewayAuthError``,
    ``GatewayBusyError``, ``GatewayRejectedError`` where it was not, and
    ``GatewayResponseError`` where something else answered.

    Lists leave out what cannot be read, and count it (``Items.skipped``).

    It logs in with Basic authentication, which every app and server knows. A token
    would be no safer here: to renew it, the password must be stored as well; it
    expires, and it needs app 1.55 and a secret that private servers often lack.
    """

    def __init__(
        self,
        session: ClientSession,
        url: str,
        username: str,
        password: str,
        *,
        local: bool = False,
        timeout: ClientTimeout = DEFAULT_TIMEOUT,
    ) -> None:
        """Prepare requests below ``url``, without asking anything yet."""
        self._session = session
        self._url = url.rstrip("/")
        credentials = b64encode(f"{username}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}"}
        self._devices_path = "/device" if local else "/devices"
        self._timeout = timeout

    async def devices(self) -> Items[Device]:
        """Return the account's phones; needs valid credentials."""
        devices = await self._request(
            "GET", self._devices_path, lambda it: parse_list(it, Device)
        )
        if devices.skipped and not devices:
            raise GatewayResponseError("No phone of the list can be read")
        return devices

    async def send(self, message: OutgoingMessage) -> Message:
        """Submit a message; the answer says it was accepted, not that it was sent."""
        skip = message.skip_phone_validation
        return await self._request(
            "POST",
            "/messages",
            lambda it: _about(message.id, it),
            json=message.as_payload(),
            params={"skipPhoneValidation": "true"} if skip else None,
        )

    async def message(self, message_id: str) -> Message:
        """Return one message with its states."""
        path = f"/messages/{_segment(message_id)}"
        return await self._request("GET", path, lambda it: _about(message_id, it))

    async def cancel(self, message_id: str) -> Message:
        """Cancel a message that the phone has not sent yet."""
        path = f"/messages/{_segment(message_id)}"
        return await self._request("DELETE", path, lambda it: _about(message_id, it))

    async def messages(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        state: str | None = None,
        device_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
        include_content: bool = False,
        sort: Literal["created_at", "-created_at"] | None = None,
    ) -> tuple[Items[Message], int]:
        """Return one page of messages, the newest first, and how many there are.

        ``limit`` is 1 to 100; times are aware. Apps know ``sort`` since 1.72, servers
        since 1.46; older ones ignore it.
        """
        params = {
            "from": rfc3339(start) if start else None,
            "to": rfc3339(end) if end else None,
            "state": state,
            "deviceId": device_id,
            "includeContent": "true" if include_content else None,
            "sort": sort,
        }
        items, total = await self._page("/messages", Message, params, limit, offset)
        if total is None:
            total = offset + len(items) + items.skipped + 1
        return items, total

    async def inbox(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        kind: str | None = None,
        device_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
        attachments: bool = False,
    ) -> tuple[Items[InboxMessage], int | None]:
        """Return one page of received messages, the newest first, and the total.

        The total is None where nothing says it and there may be more. Servers without an inbox answer 501. ``limit`` is 1 to 500. ``attachments`` lets
        the phone look for the files of each message; older apps ignore it.
        """
        params = {
            "from": rfc3339(start) if start else None,
            "to": rfc3339(end) if end else None,
            "type": kind,
            "deviceId": device_id,
            "includeAttachments": "true" if attachments else None,
        }
        return await self._page("/inbox", InboxMessage, params, limit, offset)

    async def _page[T: (InboxMessage, Message)](
        self,
        path: str,
        model: type[T],
        filters: Mapping[str, str | None],
        limit: int,
        offset: int,
    ) -> tuple[Items[T], int | None]:
        params = {key: value for key, value in filters.items() if value}
        params |= {"limit": str(limit), "offset": str(offset)}
        items, headers = await self._exchange(
            "GET", path, lambda it: parse_list(it, model), params=params
        )
        count = len(items) + items.skipped
        return items, total_count(headers, offset + count, more=count >= limit)

    async def attachment(self, inbox_id: str, part_id: int, *, limit: int) -> bytes:
        """Return one file of an MMS in the inbox, of at most ``limit`` bytes.

        By apps since July 2026; ``GatewayResponseError`` if it is larger.
        """
        path = f"/inbox/{_segment(inbox_id)}/attachments/{part_id}"
        response, body = await self._fetch(
            "GET", path, accept="*/*", limit=limit, timeout=FILE_TIMEOUT
        )
        parse_response(response, body, decode=False)
        return body

    async def refresh_inbox(
        self,
        start: datetime,
        end: datetime,
        *,
        device_id: str | None = None,
        batch: bool = False,
    ) -> None:
        """Ask the phone to send again by webhook what it received in a period.

        Servers and apps before July 2026 know ``triggerWebhooks`` only, those before
        June 2026 (server 1.42) only the older path, which is then asked.
        """
        request: dict[str, Any] = {
            "since": rfc3339(start),
            "until": rfc3339(end),
            "triggerWebhooks": True,
            "webhookDelivery": "Batch" if batch else "Individual",
            "messageTypes": ["SMS", "MMS"],
        }
        if device_id is not None:
            request["deviceId"] = device_id
        try:
            await self._post("/inbox/refresh", request)
        except (GatewayNotFoundError, GatewayServerError) as err:
            if err.status not in _NO_REFRESH:
                raise
            await self._export_inbox(request)

    async def _export_inbox(self, request: Mapping[str, Any]) -> None:
        """Use the older path, which knows SMS only and needs the phone's id."""
        named = request.get("deviceId")
        for device_id in (
            [named] if named else [item.id for item in await self.devices()]
        ):
            body = {**request, "deviceId": device_id}
            await self._post("/messages/inbox/export", body)

    async def health(self) -> Health:
        """Return the phone's own readings; a failed check answers 500 with them.

        Needs no login, so it says nothing about the credentials.
        """
        _response, body = await self._fetch("GET", "/health", with_login=False)
        return parse_model(decode_json(body), Health)

    async def settings(self) -> Settings:
        """Return the settings of the phone, or of all phones of the account."""
        return await self._request(
            "GET", "/settings", lambda it: parse_model(it, Settings)
        )

    async def update_settings(self, changes: Settings) -> Settings:
        """Change the settings that are not None, and return all of them."""
        path, body = "/settings", changes.as_payload()
        return await self._request(
            "PATCH", path, lambda it: parse_model(it, Settings), json=body
        )

    async def set_signing_key(self, key: str) -> None:
        """Set the key a phone signs its webhooks with; phones only."""
        await self.update_settings(Settings(signing_key=key))

    async def webhooks(self) -> Items[Webhook]:
        """Return all registrations of the account, ours and others'."""
        return await self._request(
            "GET", "/webhooks", lambda it: parse_list(it, Webhook)
        )

    async def register_webhook(self, webhook: Webhook) -> None:
        """Register a webhook, or replace the one of the same id."""
        payload = webhook.as_payload()
        await self._request("POST", "/webhooks", lambda _: None, json=payload)

    async def delete_webhook(self, webhook_id: str) -> None:
        """Delete a registration; one that is not there is no error at the gateway."""
        path = f"/webhooks/{_segment(webhook_id)}"
        await self._request("DELETE", path, lambda _: None)

    async def _request[T](
        self,
        method: str,
        path: str,
        read: Callable[[object], T],
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> T:
        """Make a request and return what is read of the decoded answer."""
        answer, _ = await self._exchange(method, path, read, json=json, params=params)
        return answer

    async def _exchange[T](
        self,
        method: str,
        path: str,
        read: Callable[[object], T],
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> tuple[T, Mapping[str, str]]:
        """Make a request and return what is read of the answer, and its headers."""
        response, body = await self._fetch(method, path, json=json, params=params)
        parse = partial(parse_response, response, body, decode=True)
        return await run_for(body, lambda: read(parse())), response.headers

    async def _post(self, path: str, json: Mapping[str, Any]) -> None:
        """Make a request whose answer says nothing."""
        response, body = await self._fetch("POST", path, json=json)
        parse_response(response, body, decode=False)

    async def _fetch(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        accept: str = "application/json",
        limit: int | None = None,
        timeout: ClientTimeout | None = None,  # noqa: ASYNC109 - aiohttp's own
        with_login: bool = True,
    ) -> tuple[ClientResponse, bytes]:
        """Return an answer of any status; every request is made here."""
        headers = {**(self._headers if with_login else {}), "Accept": accept}
        if json is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self._session.request(
                method,
                self._url + path,
                data=None if json is None else _encode(json),
                params=params,
                headers=headers,
                timeout=timeout or self._timeout,
                allow_redirects=False,
            ) as response:
                return response, await read_body(response, limit)
        except (ClientConnectorError, ConnectionTimeoutError) as err:
            raise _unreachable(err)(type(err).__name__) from err
        except TimeoutError as err:
            raise GatewayTimeoutError("No answer in time") from err
        except ClientError as err:
            raise GatewayConnectionError(type(err).__name__) from err


def _unreachable(err: Exception) -> type[GatewayUnreachableError]:
    """Return why no connection could be made."""
    match err:
        case ClientConnectorCertificateError():
            return GatewayCertificateError
        case ClientSSLError():
            return GatewayTlsError
        case ClientConnectorDNSError():
            return GatewayHostError
        case _:
            return GatewayUnreachableError


def is_path_segment(value: str) -> bool:
    """Return True if an id can be part of a path at every gateway.

    ``.`` and ``..`` would ask for another path, and servers answer 404 to a slash.
    """
    return (
        value not in ("", ".", "..")
        and not {"/", "\\"} & set(value)
        and value.isprintable()
    )


def _segment(value: str) -> str:
    if not is_path_segment(value):
        raise GatewayNotFoundError(HTTPStatus.NOT_FOUND, "")
    return quote(value, safe="")


def _encode(json: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(json)
    except orjson.JSONEncodeError:
        # Half of a character, say; its words would show what it is
        raise GatewayRejectedError(HTTPStatus.BAD_REQUEST, "Not JSON") from None


def _about(message_id: str, answer: object) -> Message:
    """Return the message of an answer, which must be the one that was asked for.

    Servers ignore case in ids.
    """
    message = parse_model(answer, Message)
    if message.id.casefold() != message_id.casefold():
        raise GatewayResponseError("The answer is about another message")
    return message
