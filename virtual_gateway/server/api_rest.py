"""Everything on the server but messages: webhooks, phones, inbox, settings, tokens."""

from functools import cached_property
from typing import TYPE_CHECKING

from aiohttp import web

from virtual_gateway.answers import answer, empty, plain
from virtual_gateway.auth import REFRESH
from virtual_gateway.errors import Refused
from virtual_gateway.ids import nano_id
from virtual_gateway.phone.payloads import ALL_EVENTS
from virtual_gateway.times import stored_time

from .account import database_key
from .api import ID, PRINCIPAL, Route, ServerSide, decoding
from .http_url import is_http_url
from .inbox import ServerInbox
from .inbox_refresh import parse_refresh, refresh
from .schema import UINT64, Field, Items, Rule, Struct, Text, at_least, at_most
from .settings import merge, parse_settings

if TYPE_CHECKING:
    from virtual_gateway.phone import VirtualPhone

ACCESS_SECONDS = 900.0
MAX_URL = 256
SERVER_VERSION = "v1.47.1"
_TOO_LONG = (
    "failed to replace webhook: "
    "Error 1406 (22001): Data too long for column 'url' at row 1"
)
_NO_INBOX = "Inbox API is not implemented yet"
_NO_LOGS = "For privacy reasons, device's logs are not accessible through Cloud server"
REFRESH_SECONDS = 720 * 3600.0
_WEBHOOK = Struct(
    "Webhook",
    (
        Field(key="id", name="ID", kind=Text(), rules=(at_most(36),), plain=True),
        Field(key="deviceId", name="DeviceID", kind=Text(), rules=(at_most(21),)),
        Field(
            key="url",
            name="URL",
            kind=Text(),
            rules=(Rule("http_url", is_http_url),),
            required=True,
            plain=True,
        ),
        Field(key="event", name="Event", kind=Text(), required=True, plain=True),
    ),
)
_TOKEN = Struct(
    "TokenRequest",
    (
        Field(
            key="scopes",
            name="Scopes",
            kind=Items(Text()),
            rules=(at_least(1),),
            required=True,
            each=Field(key="", name="", kind=Text(), required=True),
        ),
        Field(key="ttl", name="TTL", kind=UINT64),
    ),
)


class WebhooksApi(ServerSide):
    """The account's webhooks."""

    def routes(self) -> list[Route]:
        """Return the routes."""
        path = "/webhooks"
        return [
            Route("GET", path, self.list, "webhooks:list"),
            Route("POST", path, self.post, "webhooks:write"),
            Route("DELETE", f"{path}/:id", self.delete, "webhooks:delete"),
        ]

    async def list(self, _request: web.Request) -> web.Response:
        """List the webhooks; a phone's id is null where none is named."""
        hooks = self.account.webhooks
        return answer([_webhook(hooks[key]) for key in sorted(hooks, key=database_key)])

    async def post(self, request: web.Request) -> web.Response:
        """Register a webhook, or replace the one with the same id."""
        given = _WEBHOOK.parse(await decoding(request))
        self._check(given["url"], given["event"], given["deviceId"])
        hook: dict[str, object] = {
            **given,
            "id": given["id"] or nano_id(self.account.random),
        }
        self.account.put_webhook(hook)
        return answer(_webhook(hook), 201)

    def _check(self, url: str, event: str, device_id: str | None) -> None:
        """Refuse what the server refuses."""
        fault = "failed to validate: validation failed"
        if event not in ALL_EVENTS:
            raise Refused(400, f"{fault}: invalid event type")
        if not self.gateway.accepts_webhook(url):
            raise Refused(400, f"{fault}: url must start with https://")
        if device_id is not None and self.account.phone(device_id) is None:
            raise Refused(400, f'invalid "device_id" = "{device_id}": record not found')
        if len(url) > MAX_URL:
            raise Refused(500, f"failed to write webhook: {_TOO_LONG}")

    async def delete(self, request: web.Request) -> web.Response:
        """Forget a webhook; an unknown one is as good as forgotten."""
        self.account.drop_webhook(request[ID])
        return empty(204)


def _webhook(hook: dict[str, object]) -> dict[str, object]:
    """Return a webhook with exactly the fields of the API."""
    return {key: hook.get(key) for key in ("id", "deviceId", "url", "event")}


class DevicesApi(ServerSide):
    """The account's phones."""

    def routes(self) -> list[Route]:
        """Return the routes under both of their names."""
        return [
            route
            for path in ("/devices", "/device")
            for route in (
                Route("GET", path, self.list, "devices:list"),
                Route("DELETE", f"{path}/:id", self.delete, "devices:delete"),
            )
        ]

    async def list(self, _request: web.Request) -> web.Response:
        """List the phones."""
        phones = sorted(self.account.phones, key=lambda phone: phone.id.lower())
        return answer([device_json(phone) for phone in phones])

    async def delete(self, request: web.Request) -> web.Response:
        """Remove a phone; an unknown one is as good as removed."""
        await self.gateway.remove_phone(request[ID])
        return empty(204)


def device_json(phone: VirtualPhone) -> dict[str, object]:
    """Return a phone as the server shows it: its SIM data starred."""
    shown: dict[str, object] = {
        "id": phone.id,
        "name": phone.name,
        "createdAt": stored_time(phone.created_ms),
        "updatedAt": stored_time(phone.updated_ms),
        "lastSeen": stored_time(phone.last_seen_ms),
    }
    if phone.sims:
        shown["simCards"] = [sim.as_server_json() for sim in phone.sims]
    return shown


class InboxApi(ServerSide):
    """The inbox, which servers do not keep yet, and the log, which they never show."""

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", "/inbox", self.list, "inbox:list"),
            Route("POST", "/inbox/refresh", self.refresh, "inbox:refresh"),
            Route("GET", "/logs", self.logs, "logs:read"),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Say that there is no such list, unless this server has one."""
        if not self.gateway.server_inbox:
            raise Refused(501, _NO_INBOX)
        shown, total = self._inbox.page(request.rel_url.raw_query_string)
        return answer(shown, headers={"X-Total-Count": str(total)})

    @cached_property
    def _inbox(self) -> ServerInbox:
        return ServerInbox(self.account)

    async def logs(self, _request: web.Request) -> web.Response:
        """Say that there is no such log."""
        raise Refused(501, _NO_LOGS)

    async def refresh(self, request: web.Request) -> web.Response:
        """Ask the phones to tell again of what they received.

        Version 1.41 (commit 5a3d9e2) had the path but nothing behind it.
        """
        if self.gateway.inbox_refresh == "no":
            return plain("Not Found", 404)
        if self.gateway.inbox_refresh == "placeholder":
            raise Refused(501, _NO_INBOX)
        wanted = parse_refresh(await decoding(request))
        refresh(self.account, wanted, wanted.kinds, wanted.delivery)
        return plain("Accepted", 202)


class SettingsApi(ServerSide):
    """The account's settings, without secrets."""

    def routes(self) -> list[Route]:
        """Return the routes."""
        path = "/settings"
        return [
            Route("GET", path, self.get, "settings:read"),
            Route("PATCH", path, self.patch, "settings:write"),
            Route("PUT", path, self.put, "settings:write"),
        ]

    async def get(self, _request: web.Request) -> web.Response:
        """Show the settings."""
        return answer(self.account.settings)

    async def patch(self, request: web.Request) -> web.Response:
        """Change some settings."""
        given = parse_settings(await _settings_body(request))
        merge(self.account.settings, given)
        self._notify()
        return answer(self.account.settings)

    async def put(self, request: web.Request) -> web.Response:
        """Replace all settings."""
        given = parse_settings(await _settings_body(request))
        self.account.settings.clear()
        self.account.settings.update(given)
        self._notify()
        return answer(self.account.settings)

    def _notify(self) -> None:
        """Let the phones fetch the settings; one that refuses them keeps its own."""
        for phone in self.account.phones:
            phone.link.push(phone.fetch_settings)


async def _settings_body(request: web.Request) -> bytes:
    """Return a body; a refusal is worded as one of settings."""
    try:
        return await decoding(request)
    except Refused as refusal:
        raise Refused(400, f"Invalid settings format: {refusal.message}") from refusal


class AuthApi(ServerSide):
    """Tokens, where the server is set up to issue them."""

    def routes(self) -> list[Route]:
        """Return the routes."""
        path = "/auth/token"
        return [
            Route("POST", path, self.issue, "tokens:manage"),
            Route("POST", f"{path}/refresh", self.renew, REFRESH, exact=True),
            Route("DELETE", f"{path}/:id", self.revoke, "tokens:manage"),
        ]

    def _need_tokens(self) -> None:
        """Refuse when the server has no secret to sign with."""
        if not self.gateway.jwt_enabled:
            raise Refused(501, "tokens are disabled on this server")

    def _pair(self, scopes: list[str], seconds: float) -> web.Response:
        """Return a new pair of tokens."""
        office = self.gateway.server_tokens
        access = office.issue(scopes, min(seconds or ACCESS_SECONDS, ACCESS_SECONDS))
        renewal = office.issue([REFRESH], REFRESH_SECONDS, scopes)
        return answer(
            {
                "id": access.id,
                "token_type": "Bearer",
                "access_token": access.text,
                "refresh_token": renewal.text,
                "expires_at": stored_time(access.expires_ms // 1000 * 1000),
            },
            201,
        )

    async def issue(self, request: web.Request) -> web.Response:
        """Issue a token for some scopes."""
        given = _TOKEN.parse(await decoding(request))
        self._need_tokens()
        return self._pair(given["scopes"], float(given["ttl"] or 0))

    async def renew(self, request: web.Request) -> web.Response:
        """Issue a new pair and end the old one."""
        principal = request[PRINCIPAL]
        self._need_tokens()
        self.gateway.server_tokens.revoked.add(principal.token_id or "")
        return self._pair(list(principal.original_scopes), ACCESS_SECONDS)

    async def revoke(self, request: web.Request) -> web.Response:
        """End a token."""
        self._need_tokens()
        self.gateway.server_tokens.revoked.add(request[ID])
        return empty(204)


class HealthApi(ServerSide):
    """The server's own health, which needs no login and says nothing of phones."""

    def routes(self) -> list[Route]:
        """Return the routes, which need no login."""
        names = ("/health", "/health/live", "/health/ready", "/health/startup")
        return [Route("GET", name, self.show, open=True) for name in names]

    async def show(self, request: web.Request) -> web.Response:
        """Show the health; a failing check makes it 503."""
        path = request.path.lower().rstrip("/")
        healthy = self.gateway.server_healthy or path.endswith("/live")
        status = "pass" if healthy else "fail"
        shown: dict[str, object] = {"status": status, "version": SERVER_VERSION}
        if path.endswith("/live"):
            shown["checks"] = {
                "system:goroutines": _check("Number of goroutines", "goroutines", 16),
                "system:memory": _check("Memory usage", "MiB", 16),
            }
        elif not path.endswith("/startup"):
            failed = 0 if healthy else 1
            shown["checks"] = {
                "db:ping": _check("Database ping", "failed pings", failed, status)
            }
        return answer(shown, 200 if healthy else 503)


def _check(
    description: str, unit: str, value: int, status: str = "pass"
) -> dict[str, object]:
    """Return one check."""
    return {
        "description": description,
        "observedUnit": unit,
        "observedValue": value,
        "status": status,
    }
