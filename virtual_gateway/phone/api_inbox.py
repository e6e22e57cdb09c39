"""The phone's inbox."""

from typing import TYPE_CHECKING, Any, cast

from aiohttp import web

from virtual_gateway.answers import answer, empty
from virtual_gateway.errors import Refused
from virtual_gateway.times import now_ms, parse_phone_query, phone_time

from .api import PhoneSide, json_object
from .inbox import DELIVERIES, Delivery
from .incoming import INBOX_TYPES, Incoming
from .message_input import time_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .phone import VirtualPhone

_FLAGS = {"true": True, "false": False}
MAX_LIMIT = 500


class InboxApi(PhoneSide):
    """The routes below inbox."""

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        attachment = "/inbox/{id}/attachments/{part}"
        return [
            web.get("/inbox", self.guarded(self.list, "inbox:list", since="inbox")),
            web.get(attachment, self.guarded(self.attachment, "inbox:read")),
            web.post(
                "/inbox/refresh",
                self.guarded(self.refresh, "inbox:refresh", since="inbox"),
            ),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """List received messages, newest first."""
        query = request.query
        kind = query.get("type", "").strip() or None
        if kind is not None and kind not in INBOX_TYPES:
            raise Refused(400, "Invalid type")
        with_files = self._with_files(query)
        limit, offset = _page(query)
        start, end = _moment(query, "from", 0), _moment(query, "to", now_ms())
        if query.get("deviceId") not in (None, self.phone.local_id):
            raise Refused(400, "Invalid device ID")
        if start > end:
            raise Refused(400, "the start date is after the end date")
        found = self.phone.inbox.select(kind, start, end)
        shown = [
            self._json(message, with_files=with_files)
            for message in found[offset : offset + limit]
        ]
        return answer(shown, headers={"X-Total-Count": str(len(found))})

    def _with_files(self, query: Mapping[str, str]) -> bool:
        """Tell whether attachments are asked for, of an app that knows of them."""
        asked = _FLAGS.get(query.get("includeAttachments", "false"))
        if not self.phone.attachment_support:
            return False
        if asked is None:
            raise Refused(400, "includeAttachments must be true or false")
        return asked

    def _json(self, message: Incoming, *, with_files: bool) -> dict[str, object]:
        """Return a message as the inbox lists it."""
        files = message.attachments if with_files else ()
        shown: dict[str, object] = {
            "id": message.inbox_id,
            "type": message.type,
            "sender": message.sender,
            "recipient": message.recipient,
            "simNumber": message.sim_number,
            "contentPreview": message.preview,
            "createdAt": phone_time(message.date_ms, self.phone.utc_offset),
            "attachments": [item.as_reference() for item in files]
            if self.phone.attachment_support
            else None,
        }
        return {key: item for key, item in shown.items() if item is not None}

    async def attachment(self, request: web.Request) -> web.Response:
        """Send one file of a downloaded MMS."""
        if not self.phone.attachment_support:
            return empty(404)
        part = request.match_info["part"]
        if not part.lstrip("-").isdigit():
            raise Refused(400, "partId must be a number")
        message = self.phone.inbox.find(request.match_info["id"])
        for item in message.attachments if message else ():
            if item.part_id == int(part):
                return web.Response(
                    body=item.content,
                    content_type=item.content_type,
                    headers={
                        "Content-Disposition": f'attachment; filename="{item.name}"'
                    },
                )
        return empty(404)

    async def refresh(self, request: web.Request) -> web.Response:
        """Read the system's store again; tell of it only when asked to."""
        try:
            await export_inbox(self.phone, request, default="Disabled")
        except Refused as refusal:
            raise Refused(400, refusal.message or "Invalid request") from refusal
        return empty(202)


def _page(query: Mapping[str, str]) -> tuple[int, int]:
    """Return limit and offset; Refused beyond their bounds."""
    limit, offset = 50, 0
    if query.get("limit", "").lstrip("-").isdigit():
        limit = int(query["limit"])
    if query.get("offset", "").lstrip("-").isdigit():
        offset = int(query["offset"])
    if not 1 <= limit <= MAX_LIMIT:
        raise Refused(400, f"limit must be between 1 and {MAX_LIMIT}")
    if offset < 0:
        raise Refused(400, "offset must be >= 0")
    return limit, offset


def _moment(query: Mapping[str, str], name: str, default: int) -> int:
    """Return a time in milliseconds; Refused when it cannot be read."""
    if name not in query:
        return default
    moment = parse_phone_query(query[name])
    if moment is None:
        raise Refused(400, f"Invalid {name} datetime")
    return moment


async def export_inbox(
    phone: VirtualPhone, request: web.Request, default: Delivery
) -> None:
    """Run an export as a body asks for it; Refused when the body is wrong."""
    body = await json_object(request)
    start, end = time_of(body, "since"), time_of(body, "until")
    if start is None or end is None:
        raise Refused(400, f"{'since' if start is None else 'until'} is required")
    if start > end:
        raise Refused(400, "since must be before until")
    kinds = body.get("messageTypes")
    if kinds is not None:
        _check_kinds(kinds)
    phone.inbox.export(
        start, end, cast("Any", kinds) or ("SMS",), _delivery(phone, body, default)
    )


def _check_kinds(kinds: object) -> None:
    """Refuse kinds the phone does not export."""
    if not isinstance(kinds, list):
        raise Refused(400, "the request body cannot be converted: messageTypes")
    if not kinds:
        raise Refused(400, "messageTypes must not be empty")
    unsupported = [str(kind) for kind in kinds if kind not in ("SMS", "MMS")]
    if unsupported:
        raise Refused(400, f"messageTypes not supported: {','.join(unsupported)}")


def _delivery(
    phone: VirtualPhone, body: dict[str, object], default: Delivery
) -> Delivery:
    """Return how to tell; older apps know only yes and no."""
    asked, trigger = body.get("webhookDelivery"), body.get("triggerWebhooks")
    if phone.batch_support and asked in DELIVERIES:
        return asked
    if trigger is None:
        return default
    return "Individual" if trigger is True else "Disabled"
