"""End-to-end encryption of one account, off the event loop."""

from collections import OrderedDict
from dataclasses import replace
from typing import Final

from homeassistant.core import HomeAssistant

from ..gateway.encryption import DecryptionError, Encryption, is_encrypted
from ..gateway.models import InboxMessage, Message, OutgoingMessage, Recipient

_REMEMBERED: Final = 2_000


class Cipher:
    """Seals what goes out and opens what comes back; without a passphrase neither.

    A sealed number comes back in every report of its message, so what was sealed
    here is remembered and need not be decrypted.
    """

    def __init__(self, hass: HomeAssistant, passphrase: str | None) -> None:
        """Take the account's passphrase."""
        self._hass = hass
        self._encryption = Encryption(passphrase) if passphrase else None
        self._opened: OrderedDict[str, str] = OrderedDict()

    async def async_encrypt(self, message: OutgoingMessage) -> OutgoingMessage:
        """Return the message as it goes over the wire."""
        if self._encryption is None:
            return message
        sealed = await self._hass.async_add_executor_job(
            self._encryption.encrypt_message, message
        )
        for hidden, clear in zip(
            sealed.phone_numbers, message.phone_numbers, strict=True
        ):
            self._remember(hidden, clear)
        return sealed

    def _remember(self, hidden: str, clear: str) -> None:
        self._opened[hidden] = clear
        while len(self._opened) > _REMEMBERED:
            self._opened.popitem(last=False)

    async def async_decrypt(self, text: str) -> str:
        """Return a text in clear; what cannot be opened stays as it is."""
        # A server puts a plus before what it takes for a number without one
        text = text.removeprefix("+") if is_encrypted(text.removeprefix("+")) else text
        if self._encryption is None or not is_encrypted(text):
            return text
        if (known := self._opened.get(text)) is not None:
            return known
        try:
            clear = await self._hass.async_add_executor_job(
                self._encryption.decrypt, text
            )
        except DecryptionError:
            return text
        self._remember(text, clear)
        return clear

    async def async_decrypt_inbox(self, message: InboxMessage) -> InboxMessage:
        """Return a received message in clear.

        Raises:
            DecryptionError: there is no passphrase, or another one.
        """
        if not message.is_encrypted:
            return message
        if self._encryption is None:
            raise DecryptionError("There is no passphrase")
        return await self._hass.async_add_executor_job(
            self._encryption.decrypt_inbox, message
        )

    async def async_decrypt_message(self, message: Message) -> Message:
        """Return the gateway's answer with numbers and content in clear."""
        if self._encryption is None or not message.is_encrypted:
            return message
        return replace(
            message,
            recipients=tuple(
                [await self._async_open_recipient(item) for item in message.recipients]
            ),
            text=message.text and await self.async_decrypt(message.text),
            data=message.data and await self.async_decrypt(message.data),
        )

    async def _async_open_recipient(self, recipient: Recipient) -> Recipient:
        return replace(
            recipient, phone_number=await self.async_decrypt(recipient.phone_number)
        )
