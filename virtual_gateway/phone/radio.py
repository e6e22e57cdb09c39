"""The phone's radio: takes an SMS, reports it sent, delivered or failed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from virtual_gateway.records import SentFile, SentSms
from virtual_gateway.states import State
from virtual_gateway.times import now_ms

if TYPE_CHECKING:
    from .message import PhoneMessage
    from .phone import VirtualPhone

DEFAULT_FAILURE = "RESULT_ERROR_GENERIC_FAILURE (Generic failure cause)"
_EXPLAINED = {
    "RESULT_ERROR_RADIO_OFF": "Failed because radio was explicitly turned off",
    "RESULT_ERROR_NULL_PDU": "Failed because no PDU provided",
    "RESULT_ERROR_NO_SERVICE": "Failed because service is currently unavailable",
    "RESULT_ERROR_LIMIT_EXCEEDED": (
        "Failed because we reached the sending queue limit"
    ),
}
_MMS_FAILURE = "MMS send result: MMS_ERROR_UNSPECIFIED (An unspecified error occurred)"
_CENTRE = "+966500000099"


@dataclass(frozen=True)
class Transmission:
    """One SMS to one number, in clear."""

    message: PhoneMessage
    recipient: str
    number: str
    text: str | None
    data: bytes | None
    sim_number: int
    parts: int


@dataclass(frozen=True)
class MmsTransmission:
    """One MMS to all its numbers, in clear."""

    message: PhoneMessage
    numbers: tuple[str, ...]
    subject: str | None
    text: str | None
    files: tuple[SentFile, ...]
    sim_number: int


def explained(reason: str) -> str:
    """Return a result with the words the app puts behind it."""
    words = _EXPLAINED.get(reason)
    return reason if words is None else f"{reason} ({words})"


class Radio:
    """Simulates the way of an SMS through the network."""

    def __init__(self, phone: VirtualPhone) -> None:
        self._phone = phone
        self.busy = 0

    def transmit(self, sms: Transmission) -> None:
        """Hand an SMS to the network; the answer comes later."""
        self.busy += 1
        self._phone.timers.after(self._phone.send_seconds, lambda: self._sent(sms))

    def _sent(self, sms: Transmission) -> None:
        """Report the SMS sent or refused by the network."""
        self.busy -= 1
        outcome = self._phone.outcomes.get(sms.number, "delivered")
        if outcome == "failed":
            reason = f"Send result: {explained(self._phone.fail_reason)}"
            self._phone.sender.update(sms.message, sms.recipient, State.FAILED, reason)
            return
        record = self._record(sms)
        self._phone.outbox.append(record)
        self._phone.sender.update(sms.message, sms.recipient, State.SENT)
        delay = self._phone.deliver_seconds
        if outcome in ("sent", "delivered"):
            self.busy += 1
            self._phone.timers.after(delay, lambda: self._arrived(sms))
        if outcome == "sent" or not sms.message.with_delivery_report:
            return
        for part in range(sms.parts):
            self.busy += 1
            wait = delay * (1 + part / 10)
            self._phone.timers.after(
                wait, lambda: self._delivered(sms, record, outcome)
            )

    def _arrived(self, sms: Transmission) -> None:
        """Let the phone that has the number receive the SMS, if it is one of these."""
        self.busy -= 1
        self._phone.carry(sms.number, sms.sim_number, sms.text, sms.data)

    def transmit_mms(self, mms: MmsTransmission) -> None:
        """Hand an MMS to the network, one for all its recipients."""
        self.busy += 1
        self._phone.timers.after(self._phone.send_seconds, lambda: self._mms_sent(mms))

    def _mms_sent(self, mms: MmsTransmission) -> None:
        """Report the MMS sent or refused; nobody reports an MMS delivered."""
        self.busy -= 1
        outcomes = self._phone.outcomes
        if any(outcomes.get(number) == "failed" for number in mms.numbers):
            self._phone.sender.update(mms.message, None, State.FAILED, _MMS_FAILURE)
            return
        for number in mms.numbers:
            record = SentSms(
                message_id=mms.message.id,
                phone_number=number,
                text=mms.text,
                data=None,
                port=None,
                sim_number=mms.sim_number,
                state="sent",
                sent_at=now_ms() / 1000,
                delivered_at=None,
                parts=mms.message.parts or 1,
                phone_id=self._phone.id,
                subject=mms.subject,
                files=mms.files,
                is_mms=True,
            )
            self._phone.outbox.append(record)
        self._phone.sender.update(mms.message, None, State.SENT)

    def _delivered(self, sms: Transmission, record: SentSms, outcome: str) -> None:
        """Report one part delivered, or given up by the network."""
        self.busy -= 1
        if outcome == "undelivered":
            record.state = "failed"
            self._phone.sender.update(
                sms.message,
                sms.recipient,
                State.FAILED,
                f"Delivery result from SC {_CENTRE}: 64",
            )
            return
        record.state, record.delivered_at = "delivered", now_ms() / 1000
        self._phone.sender.update(sms.message, sms.recipient, State.DELIVERED)

    def _record(self, sms: Transmission) -> SentSms:
        """Return the SMS as it left the phone."""
        return SentSms(
            message_id=sms.message.id,
            phone_number=sms.number,
            text=sms.text,
            data=sms.data,
            port=sms.message.port if sms.data is not None else None,
            sim_number=sms.sim_number,
            state="sent",
            sent_at=now_ms() / 1000,
            delivered_at=None,
            parts=sms.parts,
            phone_id=self._phone.id,
        )
