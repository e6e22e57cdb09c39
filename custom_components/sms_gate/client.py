"""The gateway's HTTP API. Nothing of Home Assistant here.

https://docs.sms-gate.app/integration/api/; the phone's own API is the same with
other paths below its root (the app's ``modules/localserver``).
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
)
import orjson

from .answers import answer_of, decode_json, read, read_body, read_list, total
from .errors import GatewayConnectionError, GatewayTimeoutError, GatewayUnreachableError
from .health import Health
from .models import Device, InboxMessage, Message, OutgoingMessage, Webhook
from .payload import rfc3339

DEFAULT_TIMEOUT: Final = ClientTimeout(total=10, connect=5)


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
        self._headers = {
            "Authorization": f"Basic {credentials}",
            "Accept": "application/json",
        }
        self._devices_path = "/device" if local else "/devices"
        self._timeout = timeout

    async def devices(self) -> tuple[Device, ...]:
        """Return the account's phones; needs valid credentials."""
        answer = await self._request("GET", self._devices_path)
        return read_list(answer, Device)

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
        return read(answer, Message)

    async def message(self, message_id: str) -> Message:
        """Return one message with its states."""
        answer = await self._request("GET", f"/messages/{quote(message_id, safe='')}")
        return read(answer, Message)

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
        messages = read_list(answer, Message)
        return messages, total(headers, offset + len(messages))

    async def cancel(self, message_id: str) -> Message:
        """Take a message back that the phone has not sent yet."""
        answer = await self._request(
            "DELETE", f"/messages/{quote(message_id, safe='')}"
        )
        return read(answer, Message)

    async def inbox(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        kind: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[tuple[InboxMessage, ...], int]:
        """Return one page of what the phone received, the newest first, and the total.

        Phones only: a server answers 501. ``limit`` is 1 to 500.
        """
        params = {
            "from": start and rfc3339(start),
            "to": end and rfc3339(end),
            "type": kind,
            "limit": str(limit),
            "offset": str(offset),
        }
        given = {key: value for key, value in params.items() if value}
        answer, headers = await self._exchange("GET", "/inbox", params=given)
        messages = read_list(answer, InboxMessage)
        return messages, total(headers, offset + len(messages))

    async def refresh_inbox(
        self,
        start: datetime,
        end: datetime,
        *,
        device_id: str | None = None,
        batch: bool = False,
    ) -> None:
        """Ask the phone to send again by webhook what it received in a period.

        Servers and apps before July 2026 know ``triggerWebhooks`` only.
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
        await self._exchange("POST", "/inbox/refresh", json=request, decode=False)

    async def health(self) -> Health:
        """Return the phone's own readings; a failed check answers 500 with them.

        Needs no login, so it says nothing about the credentials.
        """
        answer, _headers = await self._exchange("GET", "/health", any_status=True)
        return read(answer, Health)

    async def set_signing_key(self, key: str) -> None:
        """Set the key a phone signs its webhooks with; phones only."""
        await self._request(
            "PATCH", "/settings", json={"webhooks": {"signing_key": key}}
        )

    async def webhooks(self) -> tuple[Webhook, ...]:
        """Return all registrations of the account, ours and others'."""
        return read_list(await self._request("GET", "/webhooks"), Webhook)

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
        any_status: bool = False,
    ) -> tuple[object, Mapping[str, str]]:
        """Ask the gateway; the one place where a request is made."""
        headers = self._headers
        if json is not None:
            headers = {**headers, "Content-Type": "application/json"}
        try:
            async with self._session.request(
                method,
                self._url + path,
                data=None if json is None else orjson.dumps(json),
                params=params,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                body = await read_body(response)
                if any_status:
                    return decode_json(body), response.headers
                return answer_of(response, body, decode=decode), response.headers
        except (ClientConnectorError, ConnectionTimeoutError) as err:
            raise GatewayUnreachableError(type(err).__name__) from err
        except TimeoutError as err:
            raise GatewayTimeoutError("No answer in time") from err
        except ClientError as err:
            raise GatewayConnectionError(type(err).__name__) from err
