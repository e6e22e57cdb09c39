"""Messages on the server."""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from aiohttp import web

from virtual_gateway.answers import answer, plain
from virtual_gateway.errors import Refused
from virtual_gateway.ids import NANO_LENGTH
from virtual_gateway.states import State

from . import query
from .api import ServerSide, json_object
from .inbox_refresh import parse_refresh, refresh
from .message_input import parse_message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .message import ServerMessage

MAX_HOURS = 2**63 - 1


@dataclass(frozen=True)
class Filter:
    """What a list of messages is asked for."""

    start_ms: int | None
    end_ms: int | None
    state: str | None
    device_id: str | None
    limit: int
    offset: int
    with_content: bool
    oldest_first: bool


def parse_filter(request: web.Request) -> Filter:
    """Read the query of a list; Refused when it is wrong."""
    given = dict(request.query.items())  # the last of several counts
    device_id = given.get("deviceId")
    if device_id is not None and len(device_id) != NANO_LENGTH:
        raise Refused(
            400, f"failed to validate: deviceId must have {NANO_LENGTH} characters"
        )
    start, end = query.moment(given, "from"), query.moment(given, "to")
    limit = query.number(given, "limit", 1, 100)
    return Filter(
        start_ms=start,
        end_ms=end,
        state=query.word(given, "state", tuple(State)),
        device_id=device_id,
        limit=50 if limit is None else limit,
        offset=query.number(given, "offset", 0, 2**31) or 0,
        with_content=query.flag(given, "includeContent") or False,
        oldest_first=query.word(given, "sort", ("created_at", "-created_at"))
        == "created_at",
    )


def select(
    history: Sequence[ServerMessage], wanted: Filter
) -> tuple[list[ServerMessage], int]:
    """Return one page of messages and how many there are in all."""
    first, last = 0, len(history)
    if wanted.start_ms is not None:
        first = bisect_left(history, wanted.start_ms, key=_created)
    if wanted.end_ms is not None:
        last = bisect_left(history, wanted.end_ms, key=_created)
    places: Iterable[int] = range(first, last)
    total = max(last - first, 0)
    if wanted.state is not None or wanted.device_id is not None:
        places = [index for index in places if _fits(history[index], wanted)]
        total = len(places)
    ordered = places if wanted.oldest_first else reversed(places)  # type: ignore[call-overload]
    page = islice(ordered, wanted.offset, wanted.offset + wanted.limit)
    return [history[index] for index in page], total


def _created(message: ServerMessage) -> int:
    """Return when a message was accepted."""
    return message.created_ms


def _fits(message: ServerMessage, wanted: Filter) -> bool:
    """Tell whether a message has the asked state and phone."""
    if wanted.state is not None and message.state != wanted.state:
        return False
    return wanted.device_id in (None, message.phone_id)


class MessagesApi(ServerSide):
    """The routes below messages."""

    def routes(self, base: str) -> list[web.RouteDef]:
        """Return the routes below a base path, under both of their names."""
        found: list[web.RouteDef] = []
        for name in ("/messages", "/message"):
            path = base + name
            found += [
                web.get(path, self.guarded(self.list, "messages:list")),
                web.post(path, self.guarded(self.post, "messages:send")),
                web.post(
                    f"{path}/inbox/export",
                    self.guarded(self.export, "messages:export"),
                ),
                web.get(path + "/{id}", self.guarded(self.get, "messages:read")),
                web.delete(
                    path + "/{id}", self.guarded(self.cancel, "messages:cancel")
                ),
            ]
        return found

    async def post(self, request: web.Request) -> web.Response:
        """Take a message."""
        skip = query.flag(request.query, "skipPhoneValidation") or False
        hours = None
        if request.query.get("deviceActiveWithin") not in (None, "", "0"):
            hours = query.number(request.query, "deviceActiveWithin", 1, MAX_HOURS)
        parsed = parse_message(await json_object(request))
        phone = self.account.choose_phone(parsed.device_id, hours)
        message = self.account.enqueue(phone, parsed, skip_validation=skip)
        location = f"{self.gateway.location_base(request.path)}/{message.id}"
        return answer(message.accepted(), 202, {"Location": location})

    async def list(self, request: web.Request) -> web.Response:
        """List messages."""
        wanted = parse_filter(request)
        page, total = select(self.account.history, wanted)
        shown = [message.listed(with_content=wanted.with_content) for message in page]
        return answer(shown, headers={"X-Total-Count": str(total)})

    async def get(self, request: web.Request) -> web.Response:
        """Show one message."""
        return answer(self.account.find(request.match_info["id"]).read())

    async def cancel(self, request: web.Request) -> web.Response:
        """Ask for a message to be cancelled."""
        return answer(self.account.cancel(request.match_info["id"]).read())

    async def export(self, request: web.Request) -> web.Response:
        """Ask the phones to tell again of received SMS, the older way.

        Before version 1.42 (commit 4d8c3c8) it was the only way, for one phone.
        """
        wanted = parse_refresh(await json_object(request))
        is_old = self.gateway.inbox_refresh != "yes"
        if is_old and self.account.phone(wanted.device_id or "") is None:
            raise Refused(400, "Invalid device ID")
        refresh(self.account, wanted, ("SMS",), "Individual")
        accepted = plain("Accepted", 202)
        if not is_old:
            accepted.headers["Deprecation"] = "true"
        return accepted
