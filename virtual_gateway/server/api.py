"""The server's API, the same below each of its base paths."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote
from uuid import uuid4

from aiohttp import web

from virtual_gateway.answers import answer, plain
from virtual_gateway.auth import Principal, authenticate
from virtual_gateway.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from virtual_gateway.gateway import VirtualGateway

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PRINCIPAL = web.RequestKey("principal", Principal)
ID = web.RequestKey("id", str)
_CATALOGUE = '</.well-known/api-catalog>; rel="api-catalog"'


@dataclass(frozen=True)
class Route:
    """One route; a path that ends in `:id` takes an id."""

    method: str
    path: str
    handler: Handler
    scope: str | None = None
    exact: bool = False
    open: bool = False

    def match(self, method: str, path: str) -> str | None:
        """Return the id in a path, empty without one; nothing when it does not match."""
        if method not in (self.method, "HEAD" if self.method == "GET" else ""):
            return None
        head, takes_id, _ = self.path.partition(":id")
        if not takes_id:
            return "" if path.lower() == head else None
        found = path[len(head) :]
        fits = path.lower().startswith(head) and found and "/" not in found
        return found if fits else None


class ServerSide:
    """What all parts of the server's API share."""

    def __init__(self, gateway: VirtualGateway) -> None:
        self.gateway = gateway
        self.account = gateway.account

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        raise NotImplementedError


class Server:
    """Finds the route of a request and asks for login and scope before it."""

    def __init__(self, gateway: VirtualGateway, sides: Iterable[ServerSide]) -> None:
        self._gateway = gateway
        self._routes = [route for side in sides for route in side.routes()]

    def route(self, base: str, below: str = "") -> web.RouteDef:
        """Return the one route of aiohttp, which takes all below a path of a base."""

        async def handle(request: web.Request) -> web.StreamResponse:
            """Answer with the headers of each answer."""
            response = await self._answer(request, base)
            response.headers["Link"] = _CATALOGUE
            response.headers["X-Request-Id"] = str(uuid4())
            return response

        return web.route("*", f"{base}{below}{{tail:(/.*)?}}", handle)

    async def _answer(self, request: web.Request, base: str) -> web.StreamResponse:
        path = unquote(request.raw_path.partition("?")[0][len(base) :])
        path = path.rstrip("/") or "/"
        try:
            for route in self._routes:
                found = route.match(request.method, path)
                if found is not None:
                    request[ID] = found
                    self._let_in(request, route)
                    return await route.handler(request)
            self._log_in(request)
        except Refused as refusal:
            return answer({"message": refusal.message}, refusal.status)
        return plain("Not Found", 404)

    def _let_in(self, request: web.Request, route: Route) -> None:
        """Refuse who is not known, or not allowed."""
        if route.open:
            return
        principal = self._log_in(request)
        scope = route.scope
        if scope is not None and not principal.may(scope, exact=route.exact):
            raise Refused(403, f"scope required: {scope}")
        request[PRINCIPAL] = principal

    def _log_in(self, request: web.Request) -> Principal:
        """Return who asks; Refused for nobody known."""
        gateway = self._gateway
        principal = authenticate(
            request.headers.get("Authorization", ""),
            gateway.username,
            gateway.password,
            gateway.server_tokens,
            any_case=True,
        )
        if principal is None:
            raise Refused(401, "Unauthorized")
        if not gateway.server_healthy:
            self._fail_without_database()
        return principal

    def _fail_without_database(self) -> None:
        """Refuse as a server whose database is down.

        It believes logins of the last hour only (S:`users/cache.go`); whoever
        else comes is told that the login is wrong. Asked: 401 and 500.
        """
        if self._gateway.login_cached:
            raise Refused(500, "failed to handle request")
        raise Refused(401, "Unauthorized")


async def decoding(request: web.Request) -> bytes:
    """Return the body of a request that says it is JSON; Refused otherwise."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].lower().strip()
    if kind.endswith("json"):
        return await request.read()
    if kind in ("application/xml", "text/xml"):
        raise Refused(400, "failed to parse body: failed to unmarshal: EOF")
    raise Refused(400, "failed to parse body: Unprocessable Entity")
