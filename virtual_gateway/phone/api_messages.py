"""Messages on the phone."""

from collections.abc import Mapping

from aiohttp import web

from virtual_gateway.answers import answer, empty
from virtual_gateway.errors import Refused
from virtual_gateway.states import State
from virtual_gateway.times import now_ms, parse_phone_query, phone_time

from .api import PhoneSide, json_object
from .api_inbox import export_inbox
from .message import PhoneMessage
from .message_input import parse_message

_SKIP = {"true": True, "false": False}


def strict_flag(query: Mapping[str, str], name: str) -> bool:
    """Return a truth value, false when absent; Refused for anything else."""
    value = query.get(name)
    if value is None:
        return False
    if value not in _SKIP:
        raise Refused(400, f"{name} must be true or false")
    return _SKIP[value]


def whole(query: Mapping[str, str], name: str, default: int) -> int:
    """Return a whole number; what is none counts as absent."""
    try:
        return int(query.get(name, ""))
    except ValueError:
        return default


def _is_oldest_first(query: Mapping[str, str]) -> bool:
    """Return True for the order of creation; Refused for what is no order."""
    order = query.get("sort", "-created_at")
    if order not in ("created_at", "-created_at"):
        raise Refused(400, "sort must be one of: created_at, -created_at")
    return order == "created_at"


class MessagesApi(PhoneSide):
    """The routes below messages."""

    def routes(self) -> list[web.RouteDef]:
        """Return the routes under both of their names."""
        found: list[web.RouteDef] = []
        for path in ("/messages", "/message"):
            found += [
                web.get(
                    path, self.guarded(self.list, "messages:read", since="message_list")
                ),
                web.post(path, self.guarded(self.post, "messages:send")),
                web.post(
                    f"{path}/inbox/export",
                    self.guarded(self.export, "messages:export"),
                ),
                web.get(path + "/{id}", self.guarded(self.get, "messages:read")),
                web.delete(
                    path + "/{id}",
                    self.guarded(self.cancel, "messages:cancel", since="cancelling"),
                ),
            ]
        return found

    async def post(self, request: web.Request) -> web.Response:
        """Take a message; the answer knows no states yet."""
        body = await json_object(request)
        skip = strict_flag(request.query, "skipPhoneValidation")
        message, given = parse_message(self.phone, body, skip_validation=skip)
        shown = self._json(message, with_content=True) | {"states": {}}
        self.phone.sender.enqueue(message, given)
        return answer(shown, 202)

    async def list(self, request: web.Request) -> web.Response:
        """List the messages posted to the phone itself."""
        query = request.query
        state = query.get("state") or None
        if state is not None and state not in set(State):
            raise Refused(400, f"there is no state {state}")
        limit, offset = whole(query, "limit", 50), max(whole(query, "offset", 0), 0)
        with_content = strict_flag(query, "includeContent")
        start, end = self._period(query)
        if query.get("deviceId") not in (None, self.phone.local_id):
            raise Refused(400, "Invalid device ID")
        if start > end:
            raise Refused(400, "the start date is after the end date")
        oldest_first = self.phone.app.does("sorting") and _is_oldest_first(query)
        stored = list(self.phone.sender.messages.values())
        found = [
            message
            for message in (stored if oldest_first else reversed(stored))
            if message.source == "Local"
            and state in (None, message.state)
            and start <= message.created_ms <= end
        ]
        page = found[offset:] if limit < 0 else found[offset : offset + limit]
        shown = [self._json(message, with_content=with_content) for message in page]
        return answer(shown, headers={"X-Total-Count": str(len(found))})

    def _period(self, query: Mapping[str, str]) -> tuple[int, int]:
        """Return a period; a time that cannot be read counts as absent."""
        start = parse_phone_query(query.get("from", ""))
        end = parse_phone_query(query.get("to", ""))
        return start or 0, now_ms() if end is None else end

    async def get(self, request: web.Request) -> web.Response:
        """Show one message, from whichever side it came."""
        message = self.phone.sender.messages.get(request.match_info["id"])
        if message is None:
            return empty(404)
        return answer(self._json(message, with_content=True))

    async def cancel(self, request: web.Request) -> web.Response:
        """Cancel a pending message."""
        message = self.phone.sender.cancel(request.match_info["id"])
        return answer(self._json(message, with_content=False))

    async def export(self, request: web.Request) -> web.Response:
        """Tell again of received messages, the older way: one by one unless asked."""
        await export_inbox(self.phone, request, default="Individual")
        return empty(202)

    def _json(self, message: PhoneMessage, *, with_content: bool) -> dict[str, object]:
        """Return a message as the phone shows it; nothing stands for null."""
        offset = self.phone.utc_offset
        shown: dict[str, object] = {
            "id": message.id,
            "deviceId": self.phone.local_id,
            "state": message.state.value,
            "isHashed": False,
            "isEncrypted": message.is_encrypted,
            "recipients": [
                {"phoneNumber": item.number, "state": item.state.value}
                | ({"error": item.error} if item.error is not None else {})
                for item in message.recipients.values()
            ],
            "states": {
                state.value: phone_time(at, offset)
                for state, at in message.states.items()
            },
        }
        if self.phone.app.does("created_at"):
            shown["createdAt"] = phone_time(message.created_ms, offset)
        if message.schedule_at is not None:
            shown["scheduleAt"] = phone_time(message.schedule_at, offset)
        if with_content and message.mms is not None:
            shown["mmsMessage"] = message.mms.as_json()
        elif with_content and message.text is not None:
            shown["textMessage"] = {"text": message.text}
        elif with_content:
            shown["dataMessage"] = {"data": message.data, "port": message.port}
        return shown
