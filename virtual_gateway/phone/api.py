"""What all parts of the phone's own API share: login, bodies, refusals."""

from collections.abc import Awaitable, Callable
import json
from typing import TYPE_CHECKING

from aiohttp import web

from virtual_gateway.answers import answer, empty
from virtual_gateway.auth import Principal, authenticate
from virtual_gateway.errors import Refused

if TYPE_CHECKING:
    from virtual_gateway.gateway import VirtualGateway

    from .phone import VirtualPhone

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PRINCIPAL = web.RequestKey("phone_principal", Principal)
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Access to SMS Gateway", charset=UTF-8'}


class PhoneSide:
    """One part of the API of the first phone."""

    def __init__(self, gateway: VirtualGateway) -> None:
        self.gateway = gateway

    @property
    def phone(self) -> VirtualPhone:
        """Return the phone that answers; Refused when there is none."""
        if not self.gateway.phones:
            raise Refused(404)
        return self.gateway.phones[0]

    def guarded(
        self,
        handler: Handler,
        scope: str | None = None,
        *,
        exact: bool = False,
        since: str | None = None,
    ) -> Handler:
        """Return a handler that asks for login and scope, and writes refusals.

        An app that is older than the ability named by `since` has no such path.
        """

        async def run(request: web.Request) -> web.StreamResponse:
            """Check and run."""
            try:
                self._login(request, scope, exact=exact)
                if since is not None and not self.phone.app.does(since):
                    return empty(404)
                return await handler(request)
            except Refused as refusal:
                return refusal_answer(refusal)

        return run

    def _login(self, request: web.Request, scope: str | None, *, exact: bool) -> None:
        """Refuse who is not known, without a body, and who is not allowed, with one."""
        gateway = self.gateway
        principal = authenticate(
            request.headers.get("Authorization", ""),
            gateway.username,
            gateway.password,
            gateway.phone_tokens,
        )
        if principal is None:
            raise Refused(401, headers=_CHALLENGE)
        if exact and principal.token_id is None:
            raise Refused(401, "Unauthorized")
        if scope is not None and not principal.may(scope, exact=exact):
            raise Refused(403, "Insufficient permissions")
        request[PRINCIPAL] = principal


def refusal_answer(refusal: Refused) -> web.Response:
    """Return a refusal, with a body only where the phone sends one."""
    if refusal.message is None:
        return empty(refusal.status, refusal.headers)
    return answer({"message": refusal.message}, refusal.status, refusal.headers)


async def decoding(request: web.Request) -> object:
    """Return a body; Refused with 400 for bad JSON, with 500 for none at all."""
    raw = await request.read()
    if request.content_type != "application/json" or not raw.strip():
        raise Refused(500, "the content cannot be transformed to the expected type")
    try:
        return json.loads(raw)
    except ValueError as err:
        raise Refused(400, "the request body cannot be converted") from err


async def json_object(request: web.Request) -> dict[str, object]:
    """Return the object in a body; Refused when it is something else."""
    body = await decoding(request)
    if not isinstance(body, dict):
        raise Refused(400, "the request body cannot be converted: no object")
    return body
