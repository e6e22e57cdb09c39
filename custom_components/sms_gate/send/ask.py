"""Asks people a question by SMS, and waits for the answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
import logging
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..account.contacts import Contact
from ..account.phone_number import Written, spellings
from ..account.questions import Answer, Answers, Question
from .draft import MIN_TTL, Draft
from .recipients import Refused
from .router import async_send
from .sender import Parcel, Sender

_LOGGER = logging.getLogger(__name__)

MAX_TIMEOUT: Final = timedelta(days=7)


@dataclass(slots=True, kw_only=True)
class Asking:
    """A question, whom it goes to, and when; times are in seconds.

    ``draft.timeout`` is how long each of the two groups has to answer.
    """

    hass: HomeAssistant
    draft: Draft
    answers: Answers
    chosen: Sender | None
    remind_after: float | None = None
    escalate_to: tuple[Written | Contact, ...] = field(default=(), repr=False)
    refused: list[Refused] = field(default_factory=list, init=False)

    async def async_run(self) -> Answer | None:
        """Return the first valid answer, None if nobody answered in time.

        Raises:
            HomeAssistantError: nobody could be asked, or it is unknown whether.
        """
        question = Question(self.hass, self.answers)
        try:
            return await self._async_ask_all(question)
        finally:
            question.close()

    async def _async_ask_all(self, question: Question) -> Answer | None:
        try:
            answer = await self._async_ask(question, self.draft)
        except HomeAssistantError as err:
            if not self.escalate_to:
                raise
            _LOGGER.warning("Cannot ask the first recipients: %s", err.translation_key)
            answer = None
        if answer is not None or not self.escalate_to:
            return answer
        others = replace(self.draft, recipients=self.escalate_to)
        return await self._async_ask(question, others)

    async def _async_ask(self, question: Question, draft: Draft) -> Answer | None:
        """Ask, wait, and ask again once if a reminder is wanted."""
        await self._async_send(question, draft, draft.timeout)
        left = draft.timeout
        if self.remind_after is not None:
            if answer := await question.async_wait(self.remind_after):
                return answer
            left -= self.remind_after
            try:
                await self._async_send(question, draft, left)
            except HomeAssistantError as err:
                # They were asked before, and may still answer
                _LOGGER.warning("Cannot send a reminder: %s", err.translation_key)
        return await question.async_wait(left)

    async def _async_send(
        self, question: Question, draft: Draft, valid_for: float
    ) -> None:
        """Send the question; answers are expected before the request for it returns."""

        async def async_expect(parcels: list[Parcel]) -> None:
            forms = await self.hass.async_add_executor_job(_forms, parcels)
            for parcel, some in zip(parcels, forms, strict=True):
                question.async_ask(
                    parcel.sender.account.entry.entry_id,
                    parcel.message.id,
                    set(parcel.message.phone_numbers),
                    some,
                )

        ttl = max(MIN_TTL, timedelta(seconds=int(valid_for) + 1))
        outcome = await async_send(
            self.hass, replace(draft, ttl=ttl), self.chosen, async_expect
        )
        self.refused += outcome.refused


def _forms(parcels: Iterable[Parcel]) -> list[set[str]]:
    """Return in which forms the recipients' numbers may arrive. Runs in the executor."""
    return [
        {
            form
            for number in parcel.message.phone_numbers
            for form in spellings(number, parcel.sender.account.contacts.country)
        }
        for parcel in parcels
    ]
