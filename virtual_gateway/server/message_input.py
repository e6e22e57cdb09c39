"""What may be posted to the server as a message, and what it refuses."""

from dataclasses import dataclass
import re

from virtual_gateway.errors import Refused
from virtual_gateway.numbers import BadNumberError, server_number
from virtual_gateway.times import now_ms

from .schema import (
    UINT8,
    UINT16,
    UINT64,
    Field,
    Flag,
    Items,
    Part,
    Rule,
    Struct,
    Text,
    Time,
    Values,
    Whole,
    at_least,
    at_most,
)

_BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/]{4})*"
    r"(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"
)
_IS_BASE64 = Rule("base64", lambda value: bool(_BASE64.fullmatch(value)))
_NAME_OF_PRIORITY = "smsgateway.MessagePriority"
_LONGEST = (at_least(1), at_most(65535))

_TEXT = Struct(
    "TextMessage",
    (
        Field(
            key="text",
            name="Text",
            kind=Text(),
            rules=_LONGEST,
            required=True,
            plain=True,
        ),
    ),
)
_DATA = Struct(
    "DataMessage",
    (
        Field(
            key="data",
            name="Data",
            kind=Text(),
            rules=(_IS_BASE64, at_least(4), at_most(65535)),
            required=True,
            plain=True,
        ),
        Field(
            key="port",
            name="Port",
            kind=UINT16,
            rules=_LONGEST,
            required=True,
            plain=True,
        ),
    ),
)
_NUMBER = Field(
    key="", name="", kind=Text(), rules=(at_least(1), at_most(128)), required=True
)
_MESSAGE = Struct(
    "Message",
    (
        Field(key="id", name="ID", kind=Text(), rules=(at_most(36),), plain=True),
        Field(
            key="deviceId",
            name="DeviceID",
            kind=Text(),
            rules=(at_most(21),),
            plain=True,
        ),
        Field(
            key="message",
            name="Message",
            kind=Text(),
            rules=(at_most(65535),),
            plain=True,
        ),
        Field(key="textMessage", name="TextMessage", kind=Part(_TEXT)),
        Field(key="dataMessage", name="DataMessage", kind=Part(_DATA)),
        Field(
            key="phoneNumbers",
            name="PhoneNumbers",
            kind=Items(Text()),
            rules=(at_least(1), at_most(100)),
            required=True,
            each=_NUMBER,
        ),
        Field(key="isEncrypted", name="IsEncrypted", kind=Flag()),
        Field(
            key="simNumber",
            name="SimNumber",
            kind=UINT8,
            rules=(at_least(1), at_most(3)),
        ),
        Field(key="withDeliveryReport", name="WithDeliveryReport", kind=Flag()),
        Field(
            key="priority",
            name="Priority",
            kind=Whole(_NAME_OF_PRIORITY, -128, 127),
            plain=True,
        ),
        Field(key="ttl", name="TTL", kind=UINT64, rules=(at_least(5),)),
        Field(key="validUntil", name="ValidUntil", kind=Time()),
        Field(key="scheduleAt", name="ScheduleAt", kind=Time()),
    ),
)


@dataclass(frozen=True)
class MessageInput:
    """A message that passed the server's checks."""

    id: str | None
    device_id: str | None
    text: str | None
    data: str | None
    port: int | None
    numbers: tuple[str, ...]
    is_encrypted: bool
    sim_number: int | None
    with_delivery_report: bool
    priority: int
    valid_until: int | None
    schedule_at: int | None


def parse_message(raw: bytes) -> MessageInput:
    """Read a body in the order of the server's checks; Refused when one fails."""
    values = _MESSAGE.parse(raw)
    _check_content_count(values)
    _check_times(values)
    text, data = values["textMessage"], values["dataMessage"]
    ttl = values["ttl"]
    return MessageInput(
        id=values["id"] or None,
        device_id=values["deviceId"] or None,
        text=text["text"] if text else values["message"] or None,
        data=data["data"] if data else None,
        port=data["port"] if data else None,
        numbers=tuple(values["phoneNumbers"]),
        is_encrypted=values["isEncrypted"] or False,
        sim_number=values["simNumber"],
        with_delivery_report=values["withDeliveryReport"] is not False,
        priority=values["priority"] or 0,
        valid_until=_after(ttl) if ttl else values["validUntil"],
        schedule_at=values["scheduleAt"],
    )


def _after(ttl: int) -> int:
    """Return the end of a time to live, which wraps as the server's does."""
    nanoseconds = (ttl * 10**9 + 2**63) % 2**64 - 2**63
    return now_ms() + nanoseconds // 10**6


def _check_content_count(values: Values) -> None:
    """Refuse a message with no content or with more than one."""
    given = (
        bool(values["message"]),
        values["textMessage"] is not None,
        values["dataMessage"] is not None,
    )
    if sum(given) != 1:
        fault = "conflict fields" if any(given) else "validation failed"
        wanted = "must specify exactly one of: textMessage or dataMessage"
        raise Refused(400, f"failed to validate: {fault}: {wanted}")


def _check_times(values: Values) -> None:
    """Refuse times that contradict each other or lie in the past."""
    if values["ttl"] is not None and values["validUntil"] is not None:
        raise Refused(400, "failed to validate: conflict fields: ttl and validUntil")
    schedule_at = values["scheduleAt"]
    if schedule_at is not None and schedule_at <= now_ms():
        fault = "validation failed: scheduleAt must be in the future"
        raise Refused(400, f"failed to validate: {fault}")


def cleaned_numbers(parsed: MessageInput, skip_validation: bool) -> tuple[str, ...]:
    """Return the numbers in E.164; Refused for a bad one or one that comes twice."""
    numbers = parsed.numbers
    if not parsed.is_encrypted and not skip_validation:
        try:
            numbers = tuple(server_number(number) for number in numbers)
        except BadNumberError as err:
            raise Refused(400, str(err)) from err
    if len(set(numbers)) != len(numbers):
        raise Refused(400, "phone numbers must be unique")
    return numbers


def check_schedule(parsed: MessageInput) -> None:
    """Refuse a message that would be sent after its validity."""
    if parsed.schedule_at is None or parsed.valid_until is None:
        return
    if parsed.schedule_at > parsed.valid_until:
        raise Refused(400, "scheduleAt must be less than or equal to validUntil")
