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

from .api import ID, Route, ServerSide, decoding
from .inbox_refresh import parse_refresh, refresh
from .message_input import parse_message
from .query import parse_query
from .schema import (
    INT,
    Field,
    Flag,
    Struct,
    Text,
    Time,
    at_least,
    at_most,
    of_length,
    one_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .message import ServerMessage

_OLDEST_MS = -62_135_596_800_000  # the database knows no year 0
_LIST = Struct(
    "thirdPartyGetQueryParams",
    (
        Field(key="from", name="From", kind=Time()),
        Field(key="to", name="To", kind=Time()),
        Field(key="state", name="State", kind=Text(), rules=(one_of(*State),)),
        Field(
            key="deviceId",
            name="DeviceID",
            kind=Text(),
            rules=(of_length(NANO_LENGTH),),
        ),
        Field(key="limit", name="Limit", kind=INT, rules=(at_least(1), at_most(100))),
        Field(key="offset", name="Offset", kind=INT, rules=(at_least(0),)),
        Field(key="includeContent", name="IncludeContent", kind=Flag()),
        Field(
            key="sort",
            name="Sort",
            kind=Text(),
            rules=(one_of("created_at", "-created_at"),),
        ),
    ),
)
_SEND = Struct(
    "thirdPartyPostQueryParams",
    (
        Field(key="skipPhoneValidation", name="SkipPhoneValidation", kind=Flag()),
        Field(
            key="deviceActiveWithin",
            name="DeviceActiveWithin",
            kind=INT,
            rules=(at_least(1),),
            plain=True,
        ),
    ),
)


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


def parse_filter(query: str) -> Filter:
    """Read the query of a list; Refused when it is wrong."""
    given = parse_query(_LIST, query)
    start = given["from"]
    if start is not None and start < _OLDEST_MS:
        raise Refused(500, "failed to retrieve message history")
    return Filter(
        start_ms=start,
        end_ms=given["to"],
        state=given["state"],
        device_id=given["deviceId"],
        limit=50 if given["limit"] is None else given["limit"],
        offset=given["offset"] or 0,
        with_content=given["includeContent"] or False,
        oldest_first=given["sort"] == "created_at",
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
    offset = min(wanted.offset, total)
    page = islice(ordered, offset, offset + wanted.limit)
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

    def routes(self) -> list[Route]:
        """Return the routes under both of their names."""
        found: list[Route] = []
        for path in ("/messages", "/message"):
            found += [
                Route("GET", path, self.list, "messages:list"),
                Route("POST", path, self.post, "messages:send"),
                Route("POST", f"{path}/inbox/export", self.export, "messages:export"),
                Route("GET", f"{path}/:id", self.get, "messages:read"),
                Route("DELETE", f"{path}/:id", self.cancel, "messages:cancel"),
            ]
        return found

    async def post(self, request: web.Request) -> web.Response:
        """Take a message."""
        given = parse_query(_SEND, request.rel_url.raw_query_string)
        parsed = parse_message(await decoding(request))
        phone = self.account.choose_phone(
            parsed.device_id, given["deviceActiveWithin"] or None
        )
        message = self.account.enqueue(
            phone, parsed, skip_validation=given["skipPhoneValidation"] or False
        )
        location = f"{self.gateway.location_base(request.path)}/{message.id}"
        return answer(self.account.read(message.id), 202, {"Location": location})

    async def list(self, request: web.Request) -> web.Response:
        """List messages."""
        wanted = parse_filter(request.rel_url.raw_query_string)
        page, total = select(self.account.history, wanted)
        shown = [message.listed(with_content=wanted.with_content) for message in page]
        return answer(shown, headers={"X-Total-Count": str(total)})

    async def get(self, request: web.Request) -> web.Response:
        """Show one message."""
        return answer(self.account.read(request[ID]))

    async def cancel(self, request: web.Request) -> web.Response:
        """Ask for a message to be cancelled."""
        return answer(self.account.cancel(request[ID]))

    async def export(self, request: web.Request) -> web.Response:
        """Ask the phones to tell again of received SMS, the older way.

        Before version 1.42 (commit 4d8c3c8) it was the only way, for one phone.
        """
        wanted = parse_refresh(await decoding(request))
        is_old = self.gateway.inbox_refresh != "yes"
        if is_old and self.account.phone(wanted.device_id or "") is None:
            raise Refused(400, "Invalid device ID")
        refresh(self.account, wanted, ("SMS",), "Individual")
        accepted = plain("Accepted", 202)
        if not is_old:
            accepted.headers["Deprecation"] = "true"
        return accepted
