"""Receiving: what arrives on a phone from the network."""

from typing import TYPE_CHECKING

from virtual_gateway.ids import nano_id
from virtual_gateway.times import now_ms

from .inbox import Inbox
from .incoming import Incoming

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from .sims import VirtualSim


class Receiving:
    """The part of a phone that receives."""

    inbox: Inbox
    random: Random
    sims: tuple[VirtualSim, ...]
    _mms: int
    _last_sms: dict[tuple[str, str | bytes, int | None], int]

    def changed(self) -> None:
        """Let those who watch know that something changed."""
        raise NotImplementedError

    def receive(
        self,
        sender: str,
        text: str,
        sim_number: int | None = 1,
        at: float | None = None,
        *,
        missed: bool = False,
    ) -> str:
        """Receive an SMS; return the message id its events carry.

        SMS times have whole seconds. Without `at` the time is made to differ from
        that of an equal SMS before it, which the app would take for the same.
        """
        date_ms = self._sms_date(sender, text, sim_number, at)
        message = Incoming(
            "SMS", sender, date_ms, sim_number, self.own_number(sim_number), text=text
        )
        return self._arrive(message, missed=missed)

    def receive_data(
        self,
        sender: str,
        data: bytes,
        sim_number: int | None = 1,
        at: float | None = None,
    ) -> str:
        """Receive a data SMS; return the message id its events carry."""
        date_ms = self._sms_date(sender, data, sim_number, at)
        own = self.own_number(sim_number)
        return self._arrive(
            Incoming("DATA_SMS", sender, date_ms, sim_number, own, data=data)
        )

    def receive_mms(
        self,
        sender: str,
        *,
        subject: str | None = None,
        size: int = 0,
        content_class: str | None = None,
        sim_number: int | None = 1,
        transaction_id: str | None = None,
    ) -> str:
        """Receive the notification of an MMS; return the message id of its event."""
        return self._arrive(
            Incoming(
                "MMS",
                sender,
                now_ms(),
                sim_number,
                self.own_number(sim_number),
                transaction_id=transaction_id or f"T{nano_id(self.random, 12)}",
                subject=subject,
                size=size,
                content_class=content_class,
            )
        )

    def receive_mms_downloaded(
        self,
        sender: str,
        *,
        subject: str | None = None,
        body: str | None = None,
        attachments: Sequence[tuple[str, str, bytes]] = (),
        sim_number: int | None = 1,
        at: float | None = None,
    ) -> str:
        """Receive a whole MMS; return the message id of its event."""
        self._mms += 1
        return self._arrive(
            Incoming(
                "MMS_DOWNLOADED",
                sender,
                int((now_ms() / 1000) if at is None else at) * 1000,
                sim_number,
                self.own_number(sim_number),
                text=body,
                provider_id=str(self._mms),
                subject=subject,
                attachments=self.inbox.attachments(attachments),
            )
        )

    def _arrive(self, message: Incoming, *, missed: bool = False) -> str:
        """Put a message into the inbox."""
        message_id = self.inbox.arrive(message, missed=missed)
        self.changed()
        return message_id

    def _sms_date(
        self,
        sender: str,
        content: str | bytes,
        sim_number: int | None,
        at: float | None,
    ) -> int:
        """Return the time of an SMS in milliseconds, at whole seconds."""
        if at is not None:
            return int(at) * 1000
        key = (sender, content, sim_number)
        seconds = max(now_ms() // 1000, self._last_sms.get(key, 0) + 1)
        self._last_sms[key] = seconds
        return seconds * 1000

    def own_number(self, sim_number: int | None) -> str | None:
        """Return the number of a SIM where it is known."""
        for sim in self.sims:
            if sim.number == sim_number:
                return sim.phone_number or None
        return None
