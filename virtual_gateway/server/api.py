"""The server's API, the same below each of its base paths."""

from collections.abc import Awaitable, Callable
import json
from typing import TYPE_CHECKING

from aiohttp import web

from virtual_gateway.answers import answer, plain
from virtual_gateway.auth import Principal, authenticate
from virtual_gateway.errors import Refused

if TYPE_CHECKING:
    from virtual_gateway.gateway import VirtualGateway

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PRINCIPAL = web.RequestKey("principal", Principal)


class ServerSide:
    """What all parts of the server's API share: login, bodies, refusals."""

    def __init__(self, gateway: VirtualGateway) -> None:
        self.gateway = gateway
        self.account = gateway.account

    def guarded(
        self, handler: Handler, scope: str | None = None, *, exact: bool = False
    ) -> Handler:
        """Return a handler that asks for login and scope, and writes refusals."""

        async def run(request: web.Request) -> web.StreamResponse:
            """Check and run."""
            try:
                self._login(request, scope, exact=exact)
                return await handler(request)
            except Refused as refusal:
                return answer({"message": refusal.message}, refusal.status)

        return run

    def _login(self, request: web.Request, scope: str | None, *, exact: bool) -> None:
        """Refuse who is not known or not allowed."""
        gateway = self.gateway
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
        if scope is not None and not principal.may(scope, exact=exact):
            raise Refused(403, f"scope required: {scope}")
        request[PRINCIPAL] = principal

    def _fail_without_database(self) -> None:
        """Refuse as a server whose database is down.

        It believes logins of the last hour only (S:`users/cache.go`); whoever
        else comes is told that the login is wrong. Asked: 401 and 500.
        """
        if self.gateway.login_cached:
            raise Refused(500, "failed to handle request")
        raise Refused(401, "Unauthorized")

    def unknown(self, request: web.Request) -> web.Response:
        """Answer for a path that does not exist: login comes first."""
        try:
            self._login(request, None, exact=False)
        except Refused as refusal:
            return answer({"message": refusal.message}, refusal.status)
        return plain("Not Found", 404)


async def json_object(request: web.Request) -> dict[str, object]:
    """Return the object in a body; Refused when there is none."""
    if not request.content_type.endswith("json"):
        raise Refused(400, "failed to parse body: Unprocessable Entity")
    try:
        body = json.loads((await request.read()).decode("utf-8", "replace"))
    except ValueError as err:
        raise Refused(400, "failed to parse body: no valid JSON") from err
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise Refused(400, "failed to parse body: an object is expected")
    return body
