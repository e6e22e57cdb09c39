"""What tests, the demo and the page do to the gateway over HTTP."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
import json
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from virtual_gateway.answers import answer, dump, empty
from virtual_gateway.errors import Refused
from virtual_gateway.faults import parse_faults

from .phones import change_phone, new_phone
from .state import outbox, state

if TYPE_CHECKING:
    from virtual_gateway.gateway import VirtualGateway
    from virtual_gateway.phone import VirtualPhone

type Body = dict[str, object]
PAGE = Path(__file__).parent.parent / "page"
_FILES = {
    "": "index.html",
    "page.css": "page.css",
    "page.js": "page.js",
    "view.js": "view.js",
    "icon.svg": "icon.svg",
}
_SHORTEST_STEP = 0.1
_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"


class ControlApi:
    """The routes below /control."""

    def __init__(self, gateway: VirtualGateway) -> None:
        self._gateway = gateway

    def routes(self, base: str) -> list[web.RouteDef]:
        """Return the routes; wrong input ends as 400 with a message."""
        phone = f"{base}/phones/{{id}}"
        table: list[tuple[str, str, Callable[[web.Request], Awaitable[object]]]] = [
            ("POST", f"{base}/receive", self.receive),
            ("POST", f"{base}/receive_data", self.receive_data),
            ("POST", f"{base}/receive_mms", self.receive_mms),
            ("GET", f"{base}/outbox", self.outbox),
            ("GET", f"{base}/faults", self.faults),
            ("POST", f"{base}/faults", self.set_faults),
            ("POST", f"{base}/reset", self.reset),
            ("GET", f"{base}/state", self.state),
            ("POST", f"{base}/phones", self.add_phone),
            ("PATCH", phone, self.change_phone),
            ("DELETE", phone, self.remove_phone),
            ("POST", f"{phone}/ping", self.ping),
            ("POST", f"{phone}/restart", self.restart),
        ]
        routes = [web.route(method, path, _safe(run)) for method, path, run in table]
        routes.append(web.get(f"{base}/events", self.events))
        routes.append(web.get(base, self.to_page))
        routes.extend(web.get(f"{base}/{name}", self.page) for name in _FILES)
        return routes

    def _phone(self, wanted: object) -> VirtualPhone:
        """Return a phone by its id, the first one when none is named."""
        phones = self._gateway.phones
        for phone in phones:
            if wanted in (None, phone.id, phone.local_id):
                return phone
        if wanted is None:
            raise Refused(400, "there is no phone")
        raise Refused(404, f"there is no phone {wanted}")

    async def receive(self, request: web.Request) -> object:
        """Let a phone receive an SMS."""
        body = await _object(request)
        phone = self._phone(body.get("phone"))
        sender, text = _text(body, "sender"), _text(body, "message")
        return {"message_id": phone.receive(sender, text, _sim(body, phone))}

    async def receive_data(self, request: web.Request) -> object:
        """Let a phone receive a data SMS, given in base64."""
        body = await _object(request)
        phone = self._phone(body.get("phone"))
        sender, data = _text(body, "sender"), _bytes(body.get("data"), "data")
        return {"message_id": phone.receive_data(sender, data, _sim(body, phone))}

    async def receive_mms(self, request: web.Request) -> object:
        """Let a phone receive an MMS: its notification, or whole with attachments."""
        body = await _object(request)
        phone = self._phone(body.get("phone"))
        sender, subject = _text(body, "sender"), _optional(body, "subject")
        sim_number = _sim(body, phone)
        if not {"body", "attachments"} & set(body):
            size = body.get("size", 0)
            if isinstance(size, bool) or not isinstance(size, int) or size < 0:
                raise Refused(400, "size must be a whole number")
            message_id = phone.receive_mms(
                sender, subject=subject, size=size, sim_number=sim_number
            )
            return {"message_id": message_id}
        message_id = phone.receive_mms_downloaded(
            sender,
            subject=subject,
            body=_optional(body, "body"),
            attachments=_attachments(body.get("attachments")),
            sim_number=sim_number,
        )
        return {"message_id": message_id}

    async def outbox(self, _request: web.Request) -> object:
        """List what left the phones."""
        return {"messages": outbox(self._gateway)}

    async def faults(self, _request: web.Request) -> object:
        """Show the faults in force."""
        return {name: fault.as_dict() for name, fault in self._gateway.faults.items()}

    async def set_faults(self, request: web.Request) -> object:
        """Put the posted faults in force instead of those before."""
        wanted = parse_faults(await _json(request))
        self._gateway.faults.clear()
        self._gateway.faults.update(wanted)
        self._gateway.changed()
        return await self.faults(request)

    async def reset(self, _request: web.Request) -> object:
        """Forget everything but the phones."""
        await self._gateway.reset()
        return {}

    async def state(self, _request: web.Request) -> object:
        """Show everything the page shows."""
        return state(self._gateway)

    async def add_phone(self, request: web.Request) -> object:
        """Add a phone."""
        return {"id": new_phone(self._gateway, await _object(request)).id}

    async def change_phone(self, request: web.Request) -> object:
        """Change what can be changed on a phone."""
        phone = self._phone(request.match_info["id"])
        change_phone(phone, await _object(request))
        self._gateway.changed()
        return {"id": phone.id}

    async def remove_phone(self, request: web.Request) -> object:
        """Remove a phone."""
        await self._gateway.remove_phone(self._phone(request.match_info["id"]).id)
        return {}

    async def ping(self, request: web.Request) -> object:
        """Let a phone ping."""
        self._phone(request.match_info["id"]).ping()
        return {}

    async def restart(self, request: web.Request) -> object:
        """Start a phone's app again."""
        self._phone(request.match_info["id"]).restart()
        return {}

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Send the state whenever it changes, ten times a second at most."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        watcher = self._gateway.watch()
        try:
            while self._gateway.running:
                watcher.clear()
                text = dump(state(self._gateway))
                await response.write(f"data: {text}\n\n".encode())
                await asyncio.sleep(_SHORTEST_STEP)
                await watcher.wait()
        except ConnectionError:
            pass
        finally:
            self._gateway.unwatch(watcher)
        return response

    async def to_page(self, _request: web.Request) -> web.Response:
        """Lead to the page."""
        return empty(308, {"Location": "/control/"})

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Send the page or one of its two files."""
        name = request.path.rpartition("/")[2]
        headers = {"Cache-Control": "no-store", "Content-Security-Policy": _POLICY}
        return web.FileResponse(PAGE / _FILES[name], headers=headers)


def _safe(
    run: Callable[[web.Request], Awaitable[object]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that writes what is returned or refused."""

    async def handler(request: web.Request) -> web.Response:
        """Run and answer."""
        try:
            return answer(await run(request))
        except Refused as refusal:
            return answer({"message": refusal.message}, refusal.status)

    return handler


async def _json(request: web.Request) -> object:
    """Return the JSON of a body."""
    try:
        return json.loads(await request.read() or b"{}")
    except ValueError as err:
        raise Refused(400, "the body is no valid JSON") from err


async def _object(request: web.Request) -> Body:
    """Return the object in a body."""
    body = await _json(request)
    if not isinstance(body, dict):
        raise Refused(400, "the body must be an object")
    return body


def _text(body: Body, name: str) -> str:
    """Return a text that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(400, f"{name} must be a text")
    return value


def _optional(body: Body, name: str) -> str | None:
    """Return a text that may be there."""
    return None if body.get(name) is None else _text(body, name)


def _sim(body: Body, phone: VirtualPhone) -> int | None:
    """Return the number of a SIM the phone has; its first one when none is named."""
    numbers = [sim.number for sim in phone.sims]
    wanted = body.get("sim_number", numbers[0] if numbers else None)
    if wanted is not None and (isinstance(wanted, bool) or wanted not in numbers):
        raise Refused(400, f"sim_number must be one of {numbers}")
    return wanted if isinstance(wanted, int) else None


def _bytes(value: object, name: str) -> bytes:
    """Return bytes given in base64."""
    if not isinstance(value, str):
        raise Refused(400, f"{name} must be base64")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as err:
        raise Refused(400, f"{name} must be base64") from err


def _attachments(value: object) -> list[tuple[str, str, bytes]]:
    """Return attachments given as name, content_type and data in base64."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(x, dict) for x in value):
        raise Refused(400, "attachments must be a list of objects")
    return [
        (_text(item, "name"), _text(item, "content_type"), _bytes(item["data"], "data"))
        for item in value
        if "data" in item
    ]
