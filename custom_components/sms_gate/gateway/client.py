"""The gateway's HTTP API. Nothing of Home Assistant here.

https://docs.sms-gate.app/integration/api/; the phone's own API is the same with
other paths below its root (the app's ``modules/localserver``).
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
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

from .errors import (
    GatewayCertificateError,
    GatewayConnectionError,
    GatewayHostError,
    GatewayNotFoundError,
    GatewayServerError,
    GatewayTimeoutError,
    GatewayTlsError,
    GatewayUnreachableError,
)
from .fields import rfc3339
from .models import Device, Health, InboxMessage, Message, OutgoingMessage, Webhook
from .response import (
    decode_json,
    parse_list,
    parse_model,
    parse_response,
    read_body,
    total_count,
)

DEFAULT_TIMEOUT: Final = ClientTimeout(total=10, connect=5)
# A film over a weak Wi-Fi takes its time; a phone that is gone says nothing at all
FILE_TIMEOUT: Final = ClientTimeout(total=60, connect=5, sock_read=10)
# Server 1.41 knew the path, but answered that there is nothing behind it yet
_NO_REFRESH: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.NOT_IMPLEMENTED)


class GatewayClient:
    """One account of a gateway, or one phone in the local network.

    Every method raises a ``GatewayError``: ``GatewayConnectionError`` (and its kind)
    where it is unknown whether the request was carried out, ``GatewayAuthError``,
    ``GatewayBusyError``, ``GatewayRejectedError`` where it was not, and
    ``GatewayResponseError`` where the other end is no gateway.
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

    async def devices(self) -> tuple[Device, ...]:
        """Return the account's phones; needs valid credentials."""
        answer = await self._request("GET", self._devices_path)
        return parse_list(answer, Device)

    async def send(self, message: OutgoingMessage) -> Message:
        """Hand over a message; the answer says it was accepted, not that it was sent."""
        answer = await self._request(
            "POST",
            "/messages",
            json=message.as_payload(),
            params={"skipPhoneValidation": "true"}
            if message.skip_phone_validation
            else None,
        )
        return parse_model(answer, Message)

    async def message(self, message_id: str) -> Message:
        """Return one message with its states."""
        answer = await self._request("GET", f"/messages/{quote(message_id, safe='')}")
        return parse_model(answer, Message)

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
    ) -> tuple[tuple[Message, ...], int]:
        """Return one page of messages, the newest first, and how many there are.

        ``limit`` is 1 to 100; times are aware.
        """
        params = {
            "from": start and rfc3339(start),
            "to": end and rfc3339(end),
            "state": state,
            "deviceId": device_id,
            "limit": str(limit),
            "offset": str(offset),
            "includeContent": "true" if include_content else None,
        }
        given = {key: value for key, value in params.items() if value}
        answer, headers = await self._exchange("GET", "/messages", params=given)
        messages = parse_list(answer, Message)
        return messages, total_count(headers, offset + len(messages))

    async def cancel(self, message_id: str) -> Message:
        """Take a message back that the phone has not sent yet."""
        answer = await self._request(
            "DELETE", f"/messages/{quote(message_id, safe='')}"
        )
        return parse_model(answer, Message)

    async def inbox(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        kind: str | None = None,
        limit: int = 50,
        offset: int = 0,
        attachments: bool = False,
    ) -> tuple[tuple[InboxMessage, ...], int]:
        """Return one page of what the phone received, the newest first, and the total.

        Phones only: a server answers 501. ``limit`` is 1 to 500. ``attachments`` lets
        the phone look for the files of each message; older apps do not know it.
        """
        params = {
            "from": start and rfc3339(start),
            "to": end and rfc3339(end),
            "type": kind,
            "limit": str(limit),
            "offset": str(offset),
            "includeAttachments": "true" if attachments else None,
        }
        given = {key: value for key, value in params.items() if value}
        answer, headers = await self._exchange("GET", "/inbox", params=given)
        messages = parse_list(answer, InboxMessage)
        return messages, total_count(headers, offset + len(messages))

    async def attachment(self, inbox_id: str, part_id: int, *, limit: int) -> bytes:
        """Return one file of an MMS in the inbox, of at most ``limit`` bytes.

        Phones only, by apps since July 2026; ``GatewayResponseError`` if it is larger.
        """
        path = f"/inbox/{quote(inbox_id, safe='')}/attachments/{part_id}"
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
            await self._exchange("POST", "/inbox/refresh", json=request, decode=False)
        except (GatewayNotFoundError, GatewayServerError) as err:
            if err.status not in _NO_REFRESH:
                raise
            await self._export_inbox(request)

    async def _export_inbox(self, request: Mapping[str, Any]) -> None:
        """Ask the older way, which tells of SMS only and wants a phone named."""
        named = request.get("deviceId")
        for device_id in (
            [named] if named else [item.id for item in await self.devices()]
        ):
            body = {**request, "deviceId": device_id}
            path = "/messages/inbox/export"
            await self._exchange("POST", path, json=body, decode=False)

    async def health(self) -> Health:
        """Return the phone's own readings; a failed check answers 500 with them.

        Needs no login, so it says nothing about the credentials.
        """
        _response, body = await self._fetch("GET", "/health", with_login=False)
        answer = decode_json(body)
        return parse_model(answer, Health)

    async def set_signing_key(self, key: str) -> None:
        """Set the key a phone signs its webhooks with; phones only."""
        await self._request(
            "PATCH", "/settings", json={"webhooks": {"signing_key": key}}
        )

    async def webhooks(self) -> tuple[Webhook, ...]:
        """Return all registrations of the account, ours and others'."""
        return parse_list(await self._request("GET", "/webhooks"), Webhook)

    async def register_webhook(self, webhook: Webhook) -> None:
        """Register a webhook, or replace the one of the same id."""
        await self._request(
            "POST",
            "/webhooks",
            json={"id": webhook.id, "url": webhook.url, "event": webhook.event},
        )

    async def delete_webhook(self, webhook_id: str) -> None:
        """Remove a registration; one that is not there is no error at the gateway."""
        await self._request("DELETE", f"/webhooks/{quote(webhook_id, safe='')}")

    async def _request(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> object:
        """Ask the gateway and return the decoded answer, None for an empty one."""
        answer, _headers = await self._exchange(method, path, json=json, params=params)
        return answer

    async def _exchange(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        decode: bool = True,
    ) -> tuple[object, Mapping[str, str]]:
        """Ask the gateway and return the answer with its headers."""
        response, body = await self._fetch(method, path, json=json, params=params)
        return parse_response(response, body, decode=decode), response.headers

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
        """Ask for an answer of any status; the one place where a request is made."""
        headers = {**(self._headers if with_login else {}), "Accept": accept}
        if json is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self._session.request(
                method,
                self._url + path,
                data=None if json is None else orjson.dumps(json),
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
