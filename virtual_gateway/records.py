"""What the gateway remembers of the traffic, for tests to look at."""

from dataclasses import dataclass, field
from typing import Literal

type SmsState = Literal["sent", "delivered", "failed"]


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request to the API; the status is None when no answer left."""

    method: str
    path: str
    query: dict[str, str]
    status: int | None
    body: object
    at: float
    headers: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """One attempt to post an event; status and error exclude each other."""

    event_id: str
    webhook_id: str
    url: str
    event: str
    body: bytes
    attempt: int
    status: int | None
    error: str | None
    at: float
    phone_id: str = ""
    retry_in: float | None = None


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file of an MMS that left a phone."""

    name: str | None
    content_type: str
    content: bytes


@dataclass(slots=True)
class SentSms:
    """One SMS or MMS that left a phone, with its clear text and number."""

    message_id: str
    phone_number: str
    text: str | None
    data: bytes | None
    port: int | None
    sim_number: int
    state: SmsState
    sent_at: float
    delivered_at: float | None
    parts: int
    phone_id: str = ""
    subject: str | None = None
    files: tuple[SentFile, ...] = ()
    is_mms: bool = False


class Journal[Item](list[Item]):
    """A list that forgets its oldest half once it grows past a bound."""

    def __init__(self, bound: int = 200_000) -> None:
        super().__init__()
        self._bound = bound

    def note(self, item: Item) -> None:
        """Append an item."""
        self.append(item)
        if len(self) > self._bound:
            del self[: self._bound // 2]
