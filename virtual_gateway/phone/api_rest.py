"""Everything on the phone but messages and inbox."""

from aiohttp import web

from virtual_gateway.answers import answer, empty
from virtual_gateway.auth import REFRESH, Principal
from virtual_gateway.errors import Refused
from virtual_gateway.ids import nano_id
from virtual_gateway.times import now_ms, parse_phone_query, phone_time

from .api import PRINCIPAL, PhoneSide, json_object
from .health import health
from .message_input import text_of
from .webhook_queue import deliverable
from .webhooks import Registration

ACCESS_SECONDS = 24 * 3600.0
LONGEST_SECONDS = 365 * 24 * 3600
REFRESH_SECONDS = 30 * 24 * 3600.0
SCOPES = frozenset(
    {
        "all:any",
        "messages:send",
        "messages:read",
        "messages:export",
        "messages:cancel",
        "inbox:list",
        "inbox:read",
        "inbox:refresh",
        "devices:list",
        "webhooks:list",
        "webhooks:write",
        "webhooks:delete",
        "settings:read",
        "settings:write",
        "logs:read",
        "tokens:manage",
    }
)


class DeviceApi(PhoneSide):
    """The phone about itself."""

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/", self.guarded(self.root)),
            web.get("/health", self.health),
            web.get("/device", self.guarded(self.device, "devices:list")),
            web.get("/logs", self.guarded(self.logs, "logs:read")),
            web.get("/settings", self.guarded(self.settings, "settings:read")),
            web.patch("/settings", self.guarded(self.update, "settings:write")),
        ]

    async def root(self, _request: web.Request) -> web.Response:
        """Say that the phone is there."""
        return answer({"status": "ok", "model": self.phone.name.rpartition("/")[2]})

    async def health(self, _request: web.Request) -> web.Response:
        """Show the health without asking for a login; a failing check makes it 500."""
        if not self.gateway.phones:
            return empty(404)
        shown = health(self.phone)
        return answer(shown, 500 if shown["status"] == "fail" else 200)

    async def device(self, _request: web.Request) -> web.Response:
        """Show the phone, as a list of one, with its SIM data whole."""
        phone = self.phone
        now = phone_time(now_ms(), phone.utc_offset)
        shown = {
            "id": phone.local_id,
            "name": phone.name,
            "createdAt": phone_time(phone.installed_ms, phone.utc_offset),
            "updatedAt": now,
            "lastSeen": now,
            "simCards": [sim.as_phone_json() for sim in phone.sims],
        }
        return answer([shown])

    async def logs(self, request: web.Request) -> web.Response:
        """Show the log of a period."""
        start = parse_phone_query(request.query.get("from", ""))
        end = parse_phone_query(request.query.get("to", ""))
        last = now_ms() if end is None else end
        offset = self.phone.utc_offset
        shown = [
            {
                "priority": priority,
                "module": module,
                "message": text,
                "id": number,
                "createdAt": phone_time(at, offset),
            }
            for number, (at, priority, module, text) in enumerate(self.phone.logs, 1)
            if (start or 0) <= at <= last
        ]
        return answer(shown)

    async def settings(self, _request: web.Request) -> web.Response:
        """Show the settings without the secrets."""
        return answer(self.phone.settings.export())

    async def update(self, request: web.Request) -> web.Response:
        """Change settings; whatever is wrong with them is a bad request."""
        try:
            body = await json_object(request)
        except Refused as refusal:
            raise Refused(400, f"Invalid request: {refusal.message}") from refusal
        self.phone.settings.update(body)
        return answer(self.phone.settings.export())


class WebhooksApi(PhoneSide):
    """The webhooks registered on the phone itself."""

    def routes(self) -> list[web.RouteDef]:
        """Return the routes under both of their names."""
        found: list[web.RouteDef] = []
        for path in ("/webhooks", "/webhook"):
            found += [
                web.get(path, self.guarded(self.list, "webhooks:list")),
                web.post(path, self.guarded(self.post, "webhooks:write")),
                web.delete(
                    path + "/{id}", self.guarded(self.delete, "webhooks:delete")
                ),
            ]
        return found

    async def list(self, _request: web.Request) -> web.Response:
        """List the webhooks; none names a phone."""
        return answer([_webhook(hook) for hook in self.phone.webhooks.values()])

    async def post(self, request: web.Request) -> web.Response:
        """Register a webhook, or replace the one with the same id."""
        body = await json_object(request)
        url, event = text_of(body, "url"), body.get("event")
        if text_of(body, "deviceId") not in (None, self.phone.local_id):
            raise Refused(400, "the device ID is another one")
        if url is None or not deliverable(url):
            raise Refused(400, "url must begin with https:// or http://127.0.0.1")
        if not self.phone.knows_event(event):
            raise Refused(400, "the event is not supported")
        webhook_id = text_of(body, "id")
        if webhook_id is None:
            webhook_id = nano_id(self.phone.random)
        hook: Registration = {
            "id": webhook_id,
            "url": url,
            "event": event,
            "source": "Local",
        }
        self.phone.webhooks[webhook_id] = hook
        self.gateway.changed()
        return answer(hook, 201)

    async def delete(self, request: web.Request) -> web.Response:
        """Forget a webhook; an unknown one is as good as forgotten."""
        self.phone.webhooks.pop(request.match_info["id"], None)
        self.gateway.changed()
        return empty(204)


def _webhook(hook: Registration) -> dict[str, object]:
    """Return a webhook with exactly the fields of the API."""
    shown = {key: hook.get(key) for key in ("id", "url", "event")}
    return shown | {"source": "Local"}


class AuthApi(PhoneSide):
    """The phone's tokens."""

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        path = "/auth/token"
        return [
            web.post(path, self.guarded(self.issue, "tokens:manage", since="tokens")),
            web.post(f"{path}/refresh", self.guarded(self.renew, REFRESH, exact=True)),
            web.delete(
                f"{path}/{{jti}}",
                self.guarded(self.revoke, "tokens:manage", since="tokens"),
            ),
        ]

    def _pair(self, scopes: list[str], seconds: float, status: int) -> web.Response:
        """Return a new pair of tokens."""
        office = self.gateway.phone_tokens
        access = office.issue(scopes, seconds)
        renewal = office.issue([REFRESH], REFRESH_SECONDS, scopes)
        shown = {
            "id": access.id,
            "token_type": "Bearer",
            "access_token": access.text,
            "expires_at": phone_time(access.expires_ms, self.phone.utc_offset),
            "refresh_token": renewal.text,
        }
        return answer(shown, status)

    async def issue(self, request: web.Request) -> web.Response:
        """Issue a token for some scopes; Refused for scopes that do not exist."""
        body = await json_object(request)
        scopes, seconds = body.get("scopes"), body.get("ttl")
        if not isinstance(scopes, list) or not scopes:
            raise Refused(400, "scopes must not be empty")
        if unknown := [scope for scope in scopes if scope not in SCOPES]:
            raise Refused(400, f"unsupported scope: {unknown[0]}")
        if seconds is None:
            seconds = ACCESS_SECONDS
        if not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST_SECONDS:
            raise Refused(400, "ttl is out of its bounds")
        return self._pair(scopes, float(seconds), 201)

    async def renew(self, request: web.Request) -> web.Response:
        """Issue a new pair and end the old one."""
        principal: Principal = request[PRINCIPAL]
        self.gateway.phone_tokens.revoked.add(principal.token_id or "")
        return self._pair(list(principal.original_scopes), ACCESS_SECONDS, 200)

    async def revoke(self, request: web.Request) -> web.Response:
        """End a token."""
        self.gateway.phone_tokens.revoked.add(request.match_info["jti"])
        return empty(204)
