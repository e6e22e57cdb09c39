"""The phone's queue of outgoing messages and the way each is sent."""

import base64
import binascii
from collections import deque
from datetime import datetime, timezone
import heapq
import time
from typing import TYPE_CHECKING

from virtual_gateway.encryption import DecryptionError, decrypt
from virtual_gateway.errors import Refused
from virtual_gateway.numbers import BadNumberError, dialled, phone_number
from virtual_gateway.records import SentFile
from virtual_gateway.sms_parts import parts_of
from virtual_gateway.states import State
from virtual_gateway.times import now_ms

from .message import EXPEDITED, MmsContent, PhoneMessage
from .radio import MmsTransmission, Radio, Transmission

if TYPE_CHECKING:
    from .phone import VirtualPhone

_HOUR_MS = 3_600_000


class CannotSendError(Exception):
    """The whole message cannot be sent; the text says why."""


def _bytes(data: str, message_id: str) -> bytes:
    """Return bytes given in base64."""
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as err:
        raise CannotSendError(f"Invalid Base64 data for message {message_id}") from err


class Sender:
    """Keeps the messages and sends them one after the other."""

    def __init__(self, phone: VirtualPhone) -> None:
        self._phone = phone
        self.radio = Radio(phone)
        self.messages: dict[str, PhoneMessage] = {}
        self._rows = 0
        self._ready: list[tuple[int, int, int, PhoneMessage]] = []
        self._waiting = 0
        self._pumping = False
        self._last_priority = -128
        self._processed: deque[PhoneMessage] = deque()

    @property
    def busy(self) -> bool:
        """Tell whether a message is queued or on the air."""
        return bool(self._ready or self._waiting or self.radio.busy or self._pumping)

    def enqueue(self, message: PhoneMessage, numbers: int | None = None) -> None:
        """Take a message; Refused when the id is known or a number comes twice."""
        repeated = numbers is not None and numbers != len(message.recipients)
        if message.id in self.messages or repeated:
            raise Refused(409, "a message with the same ID already exists")
        self._rows += 1
        message.row = self._rows
        message.states[State.PENDING] = now_ms()
        self.messages[message.id] = message
        self._phone.note_outgoing(message)
        if message.due is None:
            self._queue(message)
            return
        self._waiting += 1
        self._phone.timers.after_real(
            message.due - time.monotonic(), lambda: self._scheduled(message)
        )

    def _scheduled(self, message: PhoneMessage) -> None:
        """Queue a message whose time has come."""
        self._waiting -= 1
        self._queue(message)

    def _queue(self, message: PhoneMessage) -> None:
        """Put a message behind those of higher priority and start sending."""
        direction = -1 if self._phone.settings.newest_first else 1
        key = (-message.priority, direction * message.created_ms)
        heapq.heappush(self._ready, (*key, direction * message.row, message))
        if not self._pumping:
            self._pumping = True
            self._phone.timers.after(0, self._pump)

    def _pump(self) -> None:
        """Send the next message, then wait as the phone's settings ask."""
        while self._ready and self._ready[0][-1].state is not State.PENDING:
            heapq.heappop(self._ready)
        if not self._ready:
            self._pumping, self._last_priority = False, -128
            return
        message = self._ready[0][-1]
        now = datetime.now(timezone(self._phone.utc_offset))
        wait = self._phone.settings.work_hours_wait(now)
        if wait := wait or self._limit_wait(message.priority):
            self._phone.timers.after(wait, self._pump)
            return
        heapq.heappop(self._ready)
        sent = self._send(message)
        self._phone.timers.after(self._pause(message.priority, sent), self._pump)

    def _pause(self, priority: int, sent: bool) -> float:
        """Return the pause after a message; expedited ones make none."""
        if not sent:
            return 0.001
        expedited = priority >= EXPEDITED and self._last_priority < priority
        self._last_priority = priority
        return 0.001 if expedited else self._phone.settings.send_interval()

    def _limit_wait(self, priority: int) -> float:
        """Return how long the phone's limit holds a message back."""
        if priority >= EXPEDITED and self._last_priority < priority:
            return 0.0
        period, value = self._phone.settings.limit()
        if not value:
            return 0.0
        speed = self._phone.timers.speed
        now = now_ms()
        ages = [
            (now - (item.processed_ms or 0)) / 1000 * speed for item in self._processed
        ]
        recent = [age for age in ages if age < period]
        return 0.0 if len(recent) < value else period - min(recent) + 1.0

    def _send(self, message: PhoneMessage) -> bool:
        """Send one message to all its recipients; tell whether the radio got it."""
        if message.deadline is not None and message.deadline <= time.monotonic():
            self.update(message, None, State.FAILED, "TTL expired")
            return False
        try:
            if message.mms is not None:
                self._send_mms(message, message.mms)
                return True
            text, data = self._content(message)
            sim_number = self._sim(message)
        except (CannotSendError, DecryptionError, BadNumberError) as err:
            self.update(message, None, State.FAILED, f"Can't send message: {err}")
            return False
        message.clear_text = text
        message.parts = parts_of(text) if text is not None else 1
        for recipient in list(message.recipients):
            self._send_to(message, recipient, text, data, sim_number)
        return True

    def _send_mms(self, message: PhoneMessage, mms: MmsContent) -> None:
        """Give one MMS for all recipients to the radio; one bad number fails it."""
        sim_number = self._sim(message)

        def clear(value: str) -> str:
            """Return a value in clear."""
            if not message.is_encrypted:
                return value
            return decrypt(value, self._phone.passphrase)

        files = tuple(
            SentFile(item.name, item.content_type, _bytes(clear(item.data), message.id))
            for item in mms.files
        )
        numbers = tuple(self._number(message, item) for item in message.recipients)
        message.clear_numbers.update(zip(message.recipients, numbers, strict=True))
        message.clear_text = None if mms.text is None else clear(mms.text)
        message.parts = 1 + len(files)
        subject = None if mms.subject is None else clear(mms.subject)
        self.radio.transmit_mms(
            MmsTransmission(
                message, numbers, subject, message.clear_text, files, sim_number
            )
        )
        for recipient in list(message.recipients):
            self.update(message, recipient, State.PROCESSED)

    def _send_to(
        self,
        message: PhoneMessage,
        recipient: str,
        text: str | None,
        data: bytes | None,
        sim_number: int,
    ) -> None:
        """Give one recipient's SMS to the radio, or fail that recipient alone."""
        try:
            number = self._number(message, recipient)
        except (BadNumberError, DecryptionError) as err:
            self.update(message, recipient, State.FAILED, f"sendSMS: {err}")
            return
        message.clear_numbers[recipient] = number
        parts = message.parts or 1
        self.radio.transmit(
            Transmission(message, recipient, number, text, data, sim_number, parts)
        )
        self.update(message, recipient, State.PROCESSED)

    def _content(self, message: PhoneMessage) -> tuple[str | None, bytes | None]:
        """Return the clear text or the bytes of a message."""
        value = message.text if message.data is None else message.data
        clear = value or ""
        if message.is_encrypted:
            clear = decrypt(clear, self._phone.passphrase)
        if message.data is None:
            return clear, None
        return None, _bytes(clear, message.id)

    def _number(self, message: PhoneMessage, recipient: str) -> str:
        """Return the number to dial."""
        number = recipient
        if message.is_encrypted:
            number = decrypt(recipient, self._phone.passphrase)
        if message.skip_validation:
            stars = self._phone.app.does("star_and_hash")
            return dialled(number, "+*#" if stars else "+")
        return phone_number(number, self._phone.country)

    def _sim(self, message: PhoneMessage) -> int:
        """Return the SIM to use; the message learns it unless the system chooses."""
        numbers = sorted(sim.number for sim in self._phone.sims)
        if message.sim_number is not None:
            if message.sim_number not in numbers:
                raise CannotSendError(f"SIM {message.sim_number} not found")
            return message.sim_number
        if not numbers:
            raise CannotSendError("No SIMs found")
        chosen = self._phone.settings.choose_sim(numbers, message.row)
        if chosen is not None:
            message.sim_number = chosen
        return chosen or numbers[0]

    def update(
        self,
        message: PhoneMessage,
        recipient: str | None,
        state: State,
        error: str | None = None,
    ) -> None:
        """Move a recipient or all of them, and tell webhooks and server."""
        was_processed = message.processed_ms is not None
        message.set_state(recipient, state, error)
        if not was_processed and message.processed_ms is not None:
            self._processed.append(message)
        numbers = list(message.recipients) if recipient is None else [recipient]
        self._phone.state_changed(message, numbers, state, error)

    def cancel(self, message_id: str) -> PhoneMessage:
        """Cancel a pending message; Refused with 404 or 400 when that cannot be."""
        message = self.messages.get(message_id)
        if message is None:
            raise Refused(404)
        if message.state is State.CANCELLED:
            return message
        if message.state is not State.PENDING:
            raise Refused(400, f"Message {message_id} is no longer pending")
        self.update(message, None, State.CANCELLED)
        return message

    def counts_of_last_hour(self) -> tuple[int, int]:
        """Return how many messages failed and how many went well in the last hour."""
        since = now_ms() - _HOUR_MS
        while self._processed and (self._processed[0].processed_ms or 0) < since:
            self._processed.popleft()
        failed = sum(item.state is State.FAILED for item in self._processed)
        return failed, len(self._processed) - failed

    def clear(self) -> None:
        """Forget all messages."""
        self.messages.clear()
        self._ready.clear()
        self._processed.clear()
        self._waiting, self._pumping, self.radio.busy = 0, False, 0
        self._last_priority = -128
