"""Everything on the server but messages: webhooks, phones, inbox, settings, tokens."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from virtual_gateway.answers import answer, empty, plain
from virtual_gateway.auth import REFRESH
from virtual_gateway.errors import Refused
from virtual_gateway.ids import nano_id
from virtual_gateway.json_body import Fields
from virtual_gateway.phone.payloads import ALL_EVENTS
from virtual_gateway.times import stored_time

from .api import PRINCIPAL, ServerSide, json_object
from .inbox_refresh import parse_refresh, refresh
from .settings import check_settings, merged, public, taken

if TYPE_CHECKING:
    from virtual_gateway.phone import VirtualPhone

ACCESS_SECONDS = 900.0
MAX_URL = 256
REFRESH_SECONDS = 720 * 3600.0


class WebhooksApi(ServerSide):
    """The account's webhooks."""

    def routes(self, base: str) -> list[web.RouteDef]:
        """Return the routes below a base path."""
        path = f"{base}/webhooks"
        return [
            web.get(path, self.guarded(self.list, "webhooks:list")),
            web.post(path, self.guarded(self.post, "webhooks:write")),
            web.delete(path + "/{id}", self.guarded(self.delete, "webhooks:delete")),
        ]

    async def list(self, _request: web.Request) -> web.Response:
        """List the webhooks; a phone's id is null where none is named."""
        return answer([_webhook(hook) for hook in self.account.webhooks.values()])

    async def post(self, request: web.Request) -> web.Response:
        """Register a webhook, or replace the one with the same id."""
        fields = Fields(await json_object(request))
        webhook_id = fields.text("id", 36)
        device_id = fields.text("deviceId", 21)
        url, event = fields.text("url"), fields.text("event")
        self._check(fields, url, event, device_id)
        webhook_id = webhook_id or nano_id(self.account.random)
        hook: dict[str, object] = {
            "id": webhook_id,
            "deviceId": device_id,
            "url": url,
            "event": event,
        }
        self.account.webhooks[webhook_id] = hook
        self.account.changed()
        return answer(_webhook(hook), 201)

    def _check(
        self, fields: Fields, url: str | None, event: str | None, device_id: str | None
    ) -> None:
        """Refuse what the server refuses."""
        if not url or not _is_http(url):
            raise fields.invalid("url", "an http address")
        if not event:
            raise fields.invalid("event", "given")
        if event not in ALL_EVENTS:
            raise Refused(
                400, "failed to validate: validation failed: invalid event type"
            )
        if not self.gateway.accepts_webhook(url):
            raise Refused(
                400, "failed to validate: validation failed: url must be https"
            )
        if len(url) > MAX_URL:
            raise Refused(500, "failed to write webhook: the URL is too long")
        if device_id is not None and self.account.phone(device_id) is None:
            raise Refused(400, f'invalid "device_id" = "{device_id}": record not found')

    async def delete(self, request: web.Request) -> web.Response:
        """Forget a webhook; an unknown one is as good as forgotten."""
        self.account.webhooks.pop(request.match_info["id"], None)
        self.account.changed()
        return empty(204)


def _webhook(hook: dict[str, object]) -> dict[str, object]:
    """Return a webhook with exactly the fields of the API."""
    return {key: hook.get(key) for key in ("id", "deviceId", "url", "event")}


def _is_http(url: str) -> bool:
    """Tell whether a text is an http or https address with a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.netloc)


class DevicesApi(ServerSide):
    """The account's phones."""

    def routes(self, base: str) -> list[web.RouteDef]:
        """Return the routes below a base path, under both of their names."""
        found: list[web.RouteDef] = []
        for name in ("/devices", "/device"):
            found += [
                web.get(base + name, self.guarded(self.list, "devices:list")),
                web.delete(
                    f"{base}{name}/{{id}}", self.guarded(self.delete, "devices:delete")
                ),
            ]
        return found

    async def list(self, _request: web.Request) -> web.Response:
        """List the phones."""
        phones = sorted(self.account.phones, key=lambda phone: phone.id.lower())
        return answer([device_json(phone) for phone in phones])

    async def delete(self, request: web.Request) -> web.Response:
        """Remove a phone; an unknown one is as good as removed."""
        await self.gateway.remove_phone(request.match_info["id"])
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
    """The inbox, which servers do not keep, and the log, which they do not show."""

    def routes(self, base: str) -> list[web.RouteDef]:
        """Return the routes below a base path."""
        return [
            web.get(f"{base}/inbox", self.guarded(self.list, "inbox:list")),
            web.post(
                f"{base}/inbox/refresh", self.guarded(self.refresh, "inbox:refresh")
            ),
            web.get(f"{base}/logs", self.guarded(self.logs, "logs:read")),
        ]

    async def list(self, _request: web.Request) -> web.Response:
        """Say that there is no such list."""
        raise Refused(501, "the inbox is not implemented on servers yet")

    async def logs(self, _request: web.Request) -> web.Response:
        """Say that there is no such log."""
        raise Refused(501, "logs of phones cannot be read from a server")

    async def refresh(self, request: web.Request) -> web.Response:
        """Ask the phones to tell again of what they received.

        Version 1.41 (commit 5a3d9e2) had the path but nothing behind it.
        """
        if self.gateway.inbox_refresh == "no":
            return self.unknown(request)
        if self.gateway.inbox_refresh == "placeholder":
            raise Refused(501, "the inbox is not implemented on servers yet")
        wanted = parse_refresh(await json_object(request))
        refresh(self.account, wanted, wanted.kinds, wanted.delivery)
        return plain("Accepted", 202)


class SettingsApi(ServerSide):
    """The account's settings, without secrets."""

    def routes(self, base: str) -> list[web.RouteDef]:
        """Return the routes below a base path."""
        path = f"{base}/settings"
        return [
            web.get(path, self.guarded(self.get, "settings:read")),
            web.patch(path, self.guarded(self.patch, "settings:write")),
            web.put(path, self.guarded(self.put, "settings:write")),
        ]

    async def get(self, _request: web.Request) -> web.Response:
        """Show the settings."""
        return answer(public(self.account.settings))

    async def patch(self, request: web.Request) -> web.Response:
        """Change some settings."""
        given = check_settings(await json_object(request))
        merged(self.account.settings, taken(given))
        return answer(public(self.account.settings))

    async def put(self, request: web.Request) -> web.Response:
        """Replace all settings."""
        given = check_settings(await json_object(request))
        self.account.settings.clear()
        self.account.settings.update(taken(given))
        return answer(public(self.account.settings))


class AuthApi(ServerSide):
    """Tokens, where the server is set up to issue them."""

    def routes(self, base: str) -> list[web.RouteDef]:
        """Return the routes below a base path."""
        path = f"{base}/auth/token"
        return [
            web.post(path, self.guarded(self.issue, "tokens:manage")),
            web.post(f"{path}/refresh", self.guarded(self.renew, REFRESH, exact=True)),
            web.delete(f"{path}/{{jti}}", self.guarded(self.revoke, "tokens:manage")),
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
        fields = Fields(await json_object(request))
        scopes = fields.texts("scopes")
        if not scopes or not all(scopes):
            raise fields.invalid("scopes", "given")
        seconds = fields.number("ttl", 0, 2**63, 2**64) or 0
        self._need_tokens()
        return self._pair(scopes, float(seconds))

    async def renew(self, request: web.Request) -> web.Response:
        """Issue a new pair and end the old one."""
        principal = request[PRINCIPAL]
        self._need_tokens()
        self.gateway.server_tokens.revoked.add(principal.token_id or "")
        return self._pair(list(principal.original_scopes), ACCESS_SECONDS)

    async def revoke(self, request: web.Request) -> web.Response:
        """End a token."""
        self._need_tokens()
        self.gateway.server_tokens.revoked.add(request.match_info["jti"])
        return empty(204)


class HealthApi(ServerSide):
    """The server's own health, which needs no login and says nothing of phones."""

    def routes(self, base: str) -> list[web.RouteDef]:
        """Return the routes below a base path."""
        names = ("/health", "/health/live", "/health/ready", "/health/startup")
        return [web.get(base + name, self.show) for name in names]

    async def show(self, request: web.Request) -> web.Response:
        """Show the health; a failing check makes it 503."""
        healthy = self.gateway.server_healthy
        status = "pass" if healthy else "fail"
        shown: dict[str, object] = {"status": status, "version": "v1.44.0"}
        if request.path.endswith(("/health", "/ready")):
            shown["checks"] = {
                "db:ping": {
                    "description": "Database ping",
                    "observedUnit": "failed pings",
                    "observedValue": 0 if healthy else 1,
                    "status": status,
                }
            }
        elif request.path.endswith("/live"):
            return answer(shown | {"status": "pass"})
        return answer(shown, 200 if healthy else 503)
