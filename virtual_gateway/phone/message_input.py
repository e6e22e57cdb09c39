"""What may be posted to the phone as a message: less is checked than on a server."""

from typing import TYPE_CHECKING, Any

from virtual_gateway.clock import deadline, due
from virtual_gateway.errors import Refused
from virtual_gateway.ids import nano_id
from virtual_gateway.states import Recipient
from virtual_gateway.texts import whole_text
from virtual_gateway.times import now_ms, parse_phone_body

from .message import MmsContent, MmsFile, PhoneMessage

if TYPE_CHECKING:
    from .phone import VirtualPhone

MAX_MMS_DATA = 2 * 1024 * 1024
_NO_VALUE = "a value that must be there is null"


def _bad(message: str) -> Refused:
    """Return the refusal of a wrong value."""
    return Refused(400, message)


def _convert(name: str) -> Refused:
    """Return the refusal of a field that has another JSON type."""
    return _bad(f"the request body cannot be converted: {name}")


def text_of(body: dict[str, Any], name: str) -> str | None:
    """Return a text; numbers and truth values are read as text, too."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    raise _convert(name)


def _whole(body: dict[str, Any], name: str, bits: int) -> int | None:
    """Return a whole number that fits so many bits."""
    value = body.get(name)
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError) as err:
        raise _convert(name) from err
    if isinstance(value, bool) or not number.is_integer():
        raise _convert(name)
    if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        raise _convert(name)
    return int(value) if isinstance(value, int | str) else int(number)


def _byte(body: dict[str, Any], name: str) -> int:
    """Return a signed byte; up to 255 is taken and wraps."""
    value = _whole(body, name, 32) or 0
    if not -128 <= value <= 255:
        raise _convert(name)
    return value - 256 if value > 127 else value


def _flag(body: dict[str, Any], name: str) -> bool | None:
    """Return a truth value; a text counts as true only when it says so."""
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.lower() == "true"
    raise _convert(name)


def time_of(body: dict[str, Any], name: str) -> int | None:
    """Return a time in milliseconds."""
    value = text_of(body, name)
    if value is None:
        return None
    try:
        return parse_phone_body(value)
    except ValueError as err:
        raise _convert(name) from err


def _object(body: dict[str, Any], name: str) -> dict[str, Any] | None:
    """Return an object inside the object."""
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise _convert(name)
    return value


def parse_message(
    phone: VirtualPhone, body: dict[str, Any], *, skip_validation: bool
) -> tuple[PhoneMessage, int]:
    """Read a message and how many numbers were given; Refused when a check fails."""
    numbers = _numbers(body)
    sim_number = _whole(body, "simNumber", 32)
    schedule_at = None
    if phone.app.does("scheduling"):
        schedule_at = time_of(body, "scheduleAt")
    mms = _mms(body) if phone.app.does("mms") else None
    text, data, port = _content(body, mms)
    if not numbers:
        raise _bad("the list of phone numbers is empty")
    if sim_number is not None and sim_number < 1:
        raise _bad("the SIM number must be 1 at least")
    if schedule_at is not None and schedule_at <= now_ms():
        raise _bad("scheduleAt must lie in the future")
    if (device := text_of(body, "deviceId")) not in (None, phone.local_id):
        del device
        raise _bad("Invalid device ID")
    valid_until = _valid_until(body)
    message = PhoneMessage(
        id=text_of(body, "id") or nano_id(phone.random),
        source="Local",
        text=text,
        data=data,
        port=port,
        mms=mms,
        recipients={number: Recipient(number) for number in numbers},
        is_encrypted=_flag(body, "isEncrypted") or False,
        with_delivery_report=_flag(body, "withDeliveryReport") is not False,
        skip_validation=skip_validation,
        sim_number=sim_number,
        schedule_at=schedule_at,
        priority=_byte(body, "priority"),
        deadline=deadline(valid_until, phone.timers.speed),
        due=due(schedule_at, phone.timers.speed),
    )
    return message, len(numbers)


def _numbers(body: dict[str, Any]) -> list[str]:
    """Return the numbers as they were given."""
    numbers = body.get("phoneNumbers")
    if numbers is None:
        raise Refused(500, _NO_VALUE)
    if not isinstance(numbers, list):
        raise _convert("phoneNumbers")
    if not all(isinstance(number, str) for number in numbers):
        raise Refused(500, _NO_VALUE)
    return numbers


def _content(
    body: dict[str, Any], mms: MmsContent | None
) -> tuple[str | None, str | None, int | None]:
    """Return text, or data and port, or nothing of an MMS."""
    message = text_of(body, "message")
    text_part, data_part = _object(body, "textMessage"), _object(body, "dataMessage")
    parts = (message, text_part, data_part, mms)
    given = [item for item in parts if item is not None]
    if not given:
        raise _bad("one of textMessage, dataMessage, mmsMessage and message is needed")
    if len(given) > 1:
        raise _bad("only one kind of message is allowed")
    if mms is not None:
        return None, None, None
    if data_part is not None:
        return None, *_data(data_part)
    text = message if text_part is None else text_of(text_part, "text")
    if text == "":
        raise _bad("the text message is empty")
    if text is None:
        raise Refused(500, _NO_VALUE)
    return text, None, None


def _mms(body: dict[str, Any]) -> MmsContent | None:
    """Return the content of an MMS; Refused when there is nothing in it."""
    part = _object(body, "mmsMessage")
    if part is None:
        return None
    files = part.get("attachments") or []
    if not isinstance(files, list) or not all(isinstance(x, dict) for x in files):
        raise _convert("attachments")
    content = MmsContent(
        text_of(part, "subject"), text_of(part, "text"), tuple(map(_mms_file, files))
    )
    if not content.files and not content.text:
        raise _bad("an MMS needs a text or an attachment")
    return content


def _mms_file(item: dict[str, Any]) -> MmsFile:
    """Return one file of an MMS; whether it is base64 shows when it is sent."""
    content_type, data = text_of(item, "contentType"), text_of(item, "data")
    if content_type is None or data is None:
        raise Refused(500, _NO_VALUE)
    if not content_type.strip():
        raise _bad("the content type of an attachment is empty")
    if not data:
        raise _bad("the data of an attachment are empty")
    if len(data) > MAX_MMS_DATA:
        raise _bad("an attachment is larger than 2 MB")
    return MmsFile(content_type, text_of(item, "name"), data)


def _data(part: dict[str, Any]) -> tuple[str, int]:
    """Return data and port; whether the data are base64 shows when they are sent."""
    port = _whole(part, "port", 32) or 0
    if not 0 <= port <= 65535:
        raise _bad("the port must be between 0 and 65535")
    data = text_of(part, "data")
    if data is None:
        raise Refused(500, _NO_VALUE)
    if not data:
        raise _bad("the data message is empty")
    return data, port


def _valid_until(body: dict[str, Any]) -> int | None:
    """Return the end of validity; Refused when it is past or given twice."""
    ttl, valid_until = _whole(body, "ttl", 64), time_of(body, "validUntil")
    if ttl is not None and valid_until is not None:
        raise _bad("fields conflict: ttl and validUntil")
    if ttl is not None:
        valid_until = now_ms() + ttl * 1000
    if valid_until is not None and valid_until < now_ms():
        raise _bad("the message has expired already")
    return valid_until
