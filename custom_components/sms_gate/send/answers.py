"""What the actions answer."""

from dataclasses import asdict, fields
from typing import Any

from ..account.context import Account
from ..account.questions import Answer
from ..gateway.models import InboxMessage, Message
from .line_test import LEGS, LineTest
from .recipients import Refused
from .router import Outcome


def outcome_answer(outcome: Outcome) -> dict[str, Any]:
    """Return what became of a draft."""
    return {
        "messages": [
            answer(parcel.sender.account, message)
            for parcel, message in outcome.accepted
        ],
        "refused": _refused(outcome.refused),
    }


def question_answer(answer: Answer | None, refused: list[Refused]) -> dict[str, Any]:
    """Return who answered what; all is None where nobody did."""
    shown: dict[str, Any] = dict.fromkeys(field.name for field in fields(Answer))
    if answer is not None:
        shown = asdict(answer) | {"answered_at": answer.answered_at.isoformat()}
    return {**shown, "refused": _refused(refused)} if refused else shown


def _refused(refused: list[Refused]) -> list[dict[str, str]]:
    return [
        {"recipient": item.wanted.written, "reason": str(item.error)}
        for item in refused
    ]


def answer(
    account: Account, message: Message, *, content: bool = False
) -> dict[str, Any]:
    """Return a message with its phone and its recipients."""
    phone = message.device_id
    shown: dict[str, Any] = {
        "message_id": message.id,
        "state": message.state,
        "device_id": account.phones.device_id(phone)
        if phone in account.phones
        else None,
        "gateway_device_id": phone or None,
        "recipients": [
            {
                "phone_number": recipient.phone_number,
                "contact": _name(account, recipient.phone_number),
                "state": recipient.state,
                "error": recipient.error,
            }
            for recipient in message.recipients
        ],
    }
    if content:
        shown |= {"message": message.text, "data": message.data, "port": message.port}
    return shown


def answer_with_states(account: Account, message: Message) -> dict[str, Any]:
    """Return a message with the time of each state."""
    states = {state: time.isoformat() for state, time in message.states.items()}
    return {**answer(account, message), "states": states}


def line_answer(test: LineTest) -> dict[str, Any]:
    """Return the seconds of a line test's legs, and which failed first."""
    return {**{leg: getattr(test, leg) for leg in LEGS}, "failed": test.failed}


def inbox_answer(account: Account, message: InboxMessage) -> dict[str, Any]:
    """Return a received message."""
    return {
        "id": message.id,
        "type": message.type,
        "sender": message.sender,
        "recipient": message.recipient,
        "contact": _name(account, message.sender),
        "sim_number": message.sim_number,
        "message": message.text,
        "timestamp": message.created_at.isoformat(),
    }


def _name(account: Account, phone_number: str) -> str | None:
    contact = account.contacts.find(phone_number)
    return contact.name if contact else None
