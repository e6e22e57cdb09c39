"""The fields of the actions, and what they mean for sending."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .account.contacts import Contact
from .account.exceptions import mistake
from .account.people import listed
from .account.phone_number import Written
from .gateway.models import MessageState, OutgoingAttachment
from .send.ask import MAX_TIMEOUT
from .send.draft import Draft
from .send.line_test import TIMEOUT

ATTR_ANSWERS: Final = "answers"
ATTR_CONTACTS: Final = "contacts"
ATTR_DATA: Final = "data"
ATTR_DELIVERY_REPORT: Final = "delivery_report"
ATTR_ESCALATE_TO: Final = "escalate_to"
ATTR_FROM: Final = "from"
ATTR_ID: Final = "id"
ATTR_INCLUDE_CONTENT: Final = "include_content"
ATTR_LIMIT: Final = "limit"
ATTR_MEDIA: Final = "media"
ATTR_MESSAGE: Final = "message"
ATTR_MESSAGE_ID: Final = "message_id"
ATTR_OFFSET: Final = "offset"
ATTR_PORT: Final = "port"
ATTR_PRIORITY: Final = "priority"
ATTR_RECIPIENTS: Final = "recipients"
ATTR_REMIND_AFTER: Final = "remind_after"
ATTR_SCHEDULE_AT: Final = "schedule_at"
ATTR_SENTENCES: Final = "sentences"
ATTR_SIM_NUMBER: Final = "sim_number"
ATTR_STRICT: Final = "strict"
ATTR_SINCE: Final = "since"
ATTR_STATE: Final = "state"
ATTR_SUBJECT: Final = "subject"
ATTR_TIMEOUT: Final = "timeout"
ATTR_TO: Final = "to"
ATTR_TTL: Final = "ttl"
ATTR_TYPE: Final = "type"
ATTR_UNTIL: Final = "until"
ATTR_VALIDATE_NUMBERS: Final = "validate_numbers"
ATTR_VALID_UNTIL: Final = "valid_until"
ATTR_WAIT_FOR: Final = "wait_for"

DEFAULT_DATA_PORT: Final = 53739
DEFAULT_TIMEOUT: Final = timedelta(seconds=60)
DEFAULT_LINE_TIMEOUT: Final = timedelta(seconds=TIMEOUT)

WAIT_FOR: Final = {
    "accepted": None,
    "sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
}


def _text(value: object) -> str:
    """Refuse a switch where a text is meant: YAML reads ``on`` without quotes as one."""
    if isinstance(value, bool):
        raise mistake("text_needs_quotes", value=str(value).lower())
    return cv.string(value)


RECIPIENTS: Final = listed

_ACCOUNT: Final = {vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
_MESSAGE_ID: Final = vol.All(cv.string, vol.Strip, vol.Length(min=1, max=36))
_PAGE: Final = {
    vol.Optional(ATTR_FROM): cv.datetime,
    vol.Optional(ATTR_TO): cv.datetime,
    vol.Optional(ATTR_OFFSET, default=0): vol.All(vol.Coerce(int), vol.Range(min=0)),
}

# Shared by the actions and by "data" of the notify action
SEND_OPTIONS: Final = {
    vol.Optional(ATTR_SIM_NUMBER): vol.All(vol.Coerce(int), vol.Range(min=1, max=3)),
    vol.Optional(ATTR_DEVICE_ID): cv.string,
    vol.Optional(ATTR_TTL): cv.positive_time_period,
    vol.Optional(ATTR_VALID_UNTIL): cv.datetime,
    vol.Optional(ATTR_SCHEDULE_AT): cv.datetime,
    vol.Optional(ATTR_PRIORITY): vol.All(vol.Coerce(int), vol.Range(min=-128, max=127)),
    vol.Optional(ATTR_DELIVERY_REPORT, default=True): cv.boolean,
    vol.Optional(ATTR_MESSAGE_ID): _MESSAGE_ID,
    vol.Optional(ATTR_VALIDATE_NUMBERS, default=True): cv.boolean,
    vol.Optional(ATTR_STRICT): cv.boolean,
    vol.Optional(ATTR_WAIT_FOR, default="accepted"): vol.In(WAIT_FOR),
    vol.Optional(ATTR_TIMEOUT): cv.positive_time_period,
}
_RECIPIENTS: Final = {
    vol.Optional(ATTR_CONTACTS, default=list): cv.entity_ids,
    vol.Optional(ATTR_RECIPIENTS, default=list): RECIPIENTS,
}

SEND_MESSAGE: Final = vol.Schema(
    {
        **_ACCOUNT,
        **_RECIPIENTS,
        **SEND_OPTIONS,
        vol.Required(ATTR_MESSAGE): _text,
    }
)
SEND_DATA_MESSAGE: Final = vol.Schema(
    {
        **_ACCOUNT,
        **_RECIPIENTS,
        **SEND_OPTIONS,
        vol.Required(ATTR_DATA): cv.string,
        vol.Optional(ATTR_PORT, default=DEFAULT_DATA_PORT): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=65535)
        ),
    }
)
_MMS_OPTIONS: Final = (
    ATTR_SIM_NUMBER,
    ATTR_DEVICE_ID,
    ATTR_MESSAGE_ID,
    ATTR_STRICT,
    ATTR_VALIDATE_NUMBERS,
    ATTR_DELIVERY_REPORT,
    ATTR_WAIT_FOR,
    ATTR_TIMEOUT,
)
SEND_MMS: Final = vol.Schema(
    {
        **_ACCOUNT,
        **_RECIPIENTS,
        **{key: kind for key, kind in SEND_OPTIONS.items() if key in _MMS_OPTIONS},
        vol.Optional(ATTR_MESSAGE): _text,
        vol.Optional(ATTR_SUBJECT): _text,
        vol.Optional(ATTR_MEDIA, default=list): vol.All(cv.ensure_list, [cv.string]),
    }
)
_ANSWER: Final = {
    vol.Required(ATTR_ID): _text,
    vol.Required(ATTR_SENTENCES): vol.All(cv.ensure_list, [_text]),
}
_WAIT: Final = vol.All(
    cv.positive_time_period, vol.Range(min=timedelta(seconds=1), max=MAX_TIMEOUT)
)
_ASK_OPTIONS: Final = (ATTR_SIM_NUMBER, ATTR_DEVICE_ID, ATTR_VALIDATE_NUMBERS)
ASK: Final = vol.Schema(
    {
        **_ACCOUNT,
        **_RECIPIENTS,
        **{key: kind for key, kind in SEND_OPTIONS.items() if key in _ASK_OPTIONS},
        vol.Required(ATTR_MESSAGE): _text,
        vol.Optional(ATTR_ANSWERS, default=list): vol.All(cv.ensure_list, [_ANSWER]),
        vol.Optional(ATTR_TIMEOUT, default={"minutes": 10}): _WAIT,
        vol.Optional(ATTR_REMIND_AFTER): _WAIT,
        vol.Optional(ATTR_ESCALATE_TO, default=list): RECIPIENTS,
    }
)
NOTIFY: Final = vol.Schema(
    {
        vol.Required(ATTR_MESSAGE): _text,
        vol.Optional("title"): vol.Any(None, _text),
        vol.Optional("target"): RECIPIENTS,
        vol.Optional(ATTR_DATA): vol.Any(None, dict),
    }
)
NOTIFY_DATA: Final = vol.Schema(
    {**SEND_OPTIONS, vol.Optional(ATTR_RECIPIENTS): RECIPIENTS}
)
NOTIFY_DATA_FIELDS: Final = frozenset(map(str, NOTIFY_DATA.schema))
ONE_MESSAGE: Final = vol.Schema(
    {**_ACCOUNT, vol.Required(ATTR_MESSAGE_ID): _MESSAGE_ID}
)
TEST_LINE: Final = vol.Schema(
    {
        **_ACCOUNT,
        vol.Required(ATTR_DEVICE_ID): cv.string,
        vol.Optional(ATTR_TIMEOUT, default=DEFAULT_LINE_TIMEOUT): vol.All(
            cv.positive_time_period,
            vol.Range(min=timedelta(seconds=5), max=timedelta(minutes=10)),
        ),
    }
)
INBOX_TYPES: Final = ("SMS", "DATA_SMS", "MMS", "MMS_DOWNLOADED")
LIST_INBOX: Final = vol.Schema(
    {
        **_ACCOUNT,
        **_PAGE,
        vol.Optional(ATTR_TYPE): vol.All(cv.string, str.upper, vol.In(INBOX_TYPES)),
        vol.Optional(ATTR_LIMIT, default=50): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=500)
        ),
    }
)
REFRESH_INBOX: Final = vol.Schema(
    {
        **_ACCOUNT,
        vol.Required(ATTR_SINCE): cv.datetime,
        vol.Optional(ATTR_UNTIL): cv.datetime,
        vol.Optional(ATTR_DEVICE_ID): cv.string,
    }
)
LIST_MESSAGES: Final = vol.Schema(
    {
        **_ACCOUNT,
        **_PAGE,
        vol.Optional(ATTR_STATE): vol.All(
            cv.string, str.capitalize, vol.In([state.value for state in MessageState])
        ),
        vol.Optional(ATTR_DEVICE_ID): cv.string,
        vol.Optional(ATTR_LIMIT, default=50): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=100)
        ),
        vol.Optional(ATTR_INCLUDE_CONTENT, default=False): cv.boolean,
    }
)


def as_draft(
    data: Mapping[str, Any],
    recipients: Iterable[Written | Contact],
    attachments: tuple[OutgoingAttachment, ...] = (),
) -> Draft:
    """Return what an action's data asks to send; it went through its schema."""
    return Draft(
        recipients=tuple(recipients),
        text=data.get(ATTR_MESSAGE),
        subject=data.get(ATTR_SUBJECT),
        attachments=attachments,
        data=data.get(ATTR_DATA),
        port=data.get(ATTR_PORT),
        sim_number=data.get(ATTR_SIM_NUMBER),
        device_id=data.get(ATTR_DEVICE_ID),
        ttl=data.get(ATTR_TTL),
        valid_until=data.get(ATTR_VALID_UNTIL),
        schedule_at=data.get(ATTR_SCHEDULE_AT),
        priority=data.get(ATTR_PRIORITY),
        delivery_report=data[ATTR_DELIVERY_REPORT],
        message_id=data.get(ATTR_MESSAGE_ID, ""),
        validate_numbers=data[ATTR_VALIDATE_NUMBERS],
        strict=data.get(ATTR_STRICT),
        wait_for=WAIT_FOR[data[ATTR_WAIT_FOR]],
        timeout=data.get(ATTR_TIMEOUT, DEFAULT_TIMEOUT).total_seconds(),
    )


def as_question(
    data: Mapping[str, Any], recipients: Iterable[Written | Contact]
) -> Draft:
    """Return the draft of a question; it goes to whoever of the recipients is valid."""
    return Draft(
        recipients=tuple(recipients),
        text=data[ATTR_MESSAGE],
        sim_number=data.get(ATTR_SIM_NUMBER),
        device_id=data.get(ATTR_DEVICE_ID),
        validate_numbers=data[ATTR_VALIDATE_NUMBERS],
        strict=False,
        timeout=data[ATTR_TIMEOUT].total_seconds(),
        wants_answer=True,
    )
