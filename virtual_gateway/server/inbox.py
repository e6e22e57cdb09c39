"""The inbox that a server keeps for its phones, as a public pull request has it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from virtual_gateway.encryption import encrypt
from virtual_gateway.phone.incoming import INBOX_TYPES, Incoming
from virtual_gateway.times import stored_time

from .query import parse_query
from .schema import INT, Field, Struct, Text, Time, at_least, at_most, one_of

if TYPE_CHECKING:
    from virtual_gateway.phone import VirtualPhone

    from .account import Account

_ITERATIONS = 1000
_LIST = Struct(
    "thirdPartyListParams",
    (
        Field(key="type", name="Type", kind=Text(), rules=(one_of(*INBOX_TYPES),)),
        Field(key="limit", name="Limit", kind=INT, rules=(at_least(1), at_most(500))),
        Field(key="offset", name="Offset", kind=INT, rules=(at_least(0),)),
        Field(key="from", name="From", kind=Time()),
        Field(key="to", name="To", kind=Time()),
        Field(key="deviceId", name="DeviceID", kind=Text()),
    ),
)


@dataclass(frozen=True, slots=True)
class Upload:
    """What a phone uploaded of one message."""

    message: Incoming
    shown: dict[str, object]


class ServerInbox:
    """What the phones uploaded: sealed where they have a passphrase."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._uploads: dict[tuple[str, str], Upload] = {}

    def page(self, query: str) -> tuple[list[dict[str, object]], int]:
        """Return one page, the newest first, and how many there are in all."""
        given = parse_query(_LIST, query)
        found = [
            self._upload(phone, message)
            for phone in self._account.phones
            if given["deviceId"] in (None, phone.id)
            for message in phone.inbox.messages.values()
            if given["type"] in (None, message.type)
            and (given["from"] is None or message.date_ms >= given["from"])
            and (given["to"] is None or message.date_ms <= given["to"])
        ]
        found.sort(key=lambda item: item.message.date_ms, reverse=True)
        offset = given["offset"] or 0
        shown = [item.shown for item in found[offset : offset + (given["limit"] or 50)]]
        return shown, len(found)

    def _upload(self, phone: VirtualPhone, message: Incoming) -> Upload:
        """Return what the server has of a message: it is uploaded once."""
        key = (phone.id, message.inbox_id)
        if key not in self._uploads:
            self._uploads[key] = Upload(message, self._shown(phone, message))
        return self._uploads[key]

    def _shown(self, phone: VirtualPhone, message: Incoming) -> dict[str, object]:
        """Return a message as the server lists it: not whose it is, and no files."""

        def seal(text: str | None) -> str | None:
            if text is None or phone.passphrase is None:
                return text
            return encrypt(text, phone.passphrase, phone.random, _ITERATIONS)

        return {
            "id": message.inbox_id,
            "type": message.type,
            "sender": seal(message.sender),
            "recipient": seal(message.recipient),
            "simNumber": message.sim_number,
            "contentPreview": seal(message.preview),
            "isEncrypted": phone.passphrase is not None,
            "createdAt": stored_time(message.date_ms),
            "attachments": [],
        }
