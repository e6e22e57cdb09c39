"""What may be posted to the server as a message, and what it refuses."""

import base64
import binascii
from dataclasses import dataclass

from virtual_gateway.json_body import Fields, bad
from virtual_gateway.numbers import BadNumberError, server_number
from virtual_gateway.times import now_ms

MAX_NUMBERS = 100
MAX_NUMBER_LENGTH = 128
MAX_TEXT = 65535
_INT8, _UINT8, _UINT16, _UINT64 = 127, 255, 65535, 2**64 - 1


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


def parse_message(body: dict[str, object]) -> MessageInput:
    """Read a body in the order of the server's checks; Refused when one fails."""
    fields = Fields(body)
    text, data, port = _content(fields)
    ttl = fields.number("ttl", 5, _UINT64, _UINT64)
    parsed = MessageInput(
        id=fields.text("id", 36) or None,
        device_id=fields.text("deviceId", 21) or None,
        text=text,
        data=data,
        port=port,
        numbers=_numbers(fields),
        is_encrypted=fields.flag("isEncrypted") or False,
        sim_number=fields.number("simNumber", 1, 3, _UINT8),
        with_delivery_report=fields.flag("withDeliveryReport") is not False,
        priority=_priority(fields),
        valid_until=_valid_until(fields, ttl),
        schedule_at=fields.time("scheduleAt"),
    )
    _check_content_count(fields)
    _check_times(fields, parsed, ttl)
    return parsed


def _content(fields: Fields) -> tuple[str | None, str | None, int | None]:
    """Return text, or data and port, each within its bounds."""
    text = fields.text("message", MAX_TEXT) or None
    if part := fields.part("textMessage"):
        text = part.text("text", MAX_TEXT)
        if not text:
            raise part.invalid("text", "given")
    data, port = None, None
    if part := fields.part("dataMessage"):
        data = _data(part)
        port = part.number("port", 1, 65535, _UINT16)
        if port is None:
            raise part.invalid("port", "given")
    return text, data, port


def _data(part: Fields) -> str:
    """Return the base64 text of a data message."""
    data = part.text("data", MAX_TEXT)
    if not data or len(data) < 4:
        raise part.invalid("data", "given")
    try:
        base64.b64decode(data, validate=True)
    except binascii.Error as err:
        raise part.invalid("data", "base64") from err
    return data


def _numbers(fields: Fields) -> tuple[str, ...]:
    """Return 1 to 100 numbers as they were given."""
    numbers = fields.texts("phoneNumbers")
    if not numbers:
        raise fields.invalid("phoneNumbers", "given")
    if len(numbers) > MAX_NUMBERS:
        raise fields.invalid("phoneNumbers", f"at most {MAX_NUMBERS}")
    for index, number in enumerate(numbers):
        if not 1 <= len(number) <= MAX_NUMBER_LENGTH:
            raise fields.invalid(
                f"phoneNumbers[{index}]", f"1 to {MAX_NUMBER_LENGTH} characters"
            )
    return tuple(numbers)


def _priority(fields: Fields) -> int:
    """Return the priority, which must fit a signed byte."""
    value = fields.values.get("priority")
    if isinstance(value, int) and value > _INT8:
        raise bad("failed to parse body: priority must be a whole number")
    return fields.number("priority", -128, 127, 128) or 0


def _valid_until(fields: Fields, ttl: int | None) -> int | None:
    """Return the end of validity, from a time or from seconds to live."""
    valid_until = fields.time("validUntil")
    return valid_until if ttl is None else now_ms() + ttl * 1000


def _check_content_count(fields: Fields) -> None:
    """Refuse a message with no content or with more than one."""
    given = [
        bool(fields.values.get("message")),
        fields.values.get("textMessage") is not None,
        fields.values.get("dataMessage") is not None,
    ]
    if not any(given):
        raise bad(
            "failed to validate: validation failed: one of textMessage, dataMessage is needed"
        )
    if sum(given) > 1:
        raise bad(
            "failed to validate: conflict fields: only one of textMessage, dataMessage is allowed"
        )


def _check_times(fields: Fields, parsed: MessageInput, ttl: int | None) -> None:
    """Refuse times that contradict each other or lie in the past."""
    if ttl is not None and fields.values.get("validUntil") is not None:
        raise bad("failed to validate: conflict fields: ttl and validUntil")
    if parsed.schedule_at is not None and parsed.schedule_at <= now_ms():
        raise bad(
            "failed to validate: validation failed: scheduleAt must lie in the future"
        )


def cleaned_numbers(parsed: MessageInput, skip_validation: bool) -> tuple[str, ...]:
    """Return the numbers in E.164; Refused for a bad one or one that comes twice."""
    numbers: list[str] = []
    for row, number in enumerate(parsed.numbers, 1):
        if parsed.is_encrypted or skip_validation:
            numbers.append(number)
            continue
        try:
            numbers.append(server_number(number))
        except BadNumberError as err:
            raise bad(f"phone number in row {row} cannot be used: {err}") from err
    if len(set(numbers)) != len(numbers):
        raise bad("phone numbers must be unique")
    return tuple(numbers)


def check_schedule(parsed: MessageInput) -> None:
    """Refuse a message that would be sent after its validity."""
    if parsed.schedule_at is None or parsed.valid_until is None:
        return
    if parsed.schedule_at > parsed.valid_until:
        raise bad("scheduleAt must not be after validUntil")
