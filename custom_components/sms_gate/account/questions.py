"""Questions that wait for an answer by SMS. They outlive a reload of the account."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Final, Self

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.dt import utcnow
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..gateway.events import EventKind
from .bus_event import SmsGateEvent
from .exceptions import failure, mistake, without_numbers
from .phone_number import DIALLED, clean
from .text import MAX_COMPARED, fold

# What people write around an answer, and the box of a digit's emoji
_AROUND: Final = " .,!?;:'\"()[]{}<>。、؟،؛۔।¡¿\u20e3"
_TEMPLATE: Final = frozenset("()[]{}<>|;")
_MAX_CHOICES: Final = 12
_MAX_WORDINGS: Final = 5000

_OPEN: Final[HassKey[list[Question]]] = HassKey(f"{DOMAIN}_questions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who answered what; ``id`` is None where any text is an answer."""

    id: str | None
    message: str = field(repr=False)
    sender: str = field(repr=False)
    contact: str | None = field(repr=False)
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Answers:
    """What counts as which answer; without any, every text is one."""

    _ids: Mapping[str, str] = field(repr=False)

    @classmethod
    def build(cls, sentences: Mapping[str, Iterable[str]]) -> Self:
        """Prepare the sentences of each id. Runs in the executor.

        Raises:
            ServiceValidationError: a sentence is none, or means two answers.
        """
        ids: dict[str, str] = {}
        for answer_id, some in sentences.items():
            wordings = {it for sentence in some for it in _wordings(sentence)}
            if not wordings or "" in wordings or len(wordings) > _MAX_WORDINGS:
                raise mistake("bad_answer", answer=answer_id)
            for wording in wordings:
                if (other := ids.setdefault(wording, answer_id)) != answer_id:
                    raise mistake("answers_alike", first=other, second=answer_id)
        return cls(ids)

    def fits(self, text: str) -> bool:
        """Return True if a text is an answer."""
        return not self._ids or self.id_of(text) is not None

    def id_of(self, text: str) -> str | None:
        """Return which answer a text is, compared as a whole."""
        return self._ids.get(_folded(text)) if len(text) < MAX_COMPARED else None


def _folded(text: str) -> str:
    """Return a text without what people write around it, if more is left."""
    folded = fold(text)
    return folded.strip(_AROUND) or folded


def _wordings(sentence: str) -> Iterator[str]:
    """Yield all texts that a sentence of Assist's form means."""
    if _TEMPLATE.isdisjoint(sentence):
        yield _folded(sentence)
        return
    if sum(map(sentence.count, "|[;;;")) > _MAX_CHOICES:
        raise mistake("bad_answer", answer=sentence)
    try:
        # Comes with Assist, not with every Home Assistant
        from hassil.errors import HassilError
        from hassil.parse_expression import parse_sentence
        from hassil.parser import ParseError
        from hassil.sample import sample_sentence
    except ImportError as err:
        raise mistake("bad_answer", answer=sentence) from err
    try:
        texts = list(islice(sample_sentence(parse_sentence(sentence)), _MAX_WORDINGS))
    except (HassilError, ParseError) as err:
        raise mistake("bad_answer", answer=sentence) from err
    yield from map(_folded, texts)


class Question:
    """One question to one or several people; the first valid answer counts."""

    def __init__(self, hass: HomeAssistant, answers: Answers) -> None:
        """Open a question; nobody is asked yet."""
        self._answers = answers
        self._asked_at = utcnow()
        self._numbers: set[tuple[str, str]] = set()
        self._messages: dict[str, set[str]] = {}
        self._ended: asyncio.Future[Answer] = hass.loop.create_future()
        self._questions = hass.data.setdefault(_OPEN, [])
        self._questions.append(self)

    @callback
    def close(self) -> None:
        """Wait for no answer any more."""
        self._questions.remove(self)
        if self._ended.done() and not self._ended.cancelled():
            self._ended.exception()  # nobody may have waited for it
        self._ended.cancel()

    @callback
    def async_ask(
        self, entry_id: str, message_id: str, numbers: set[str], forms: Iterable[str]
    ) -> None:
        """Accept answers of these numbers, in any form that the network may use."""
        self._messages[message_id] = numbers
        self._numbers |= {(entry_id, form) for form in forms if DIALLED.fullmatch(form)}

    async def async_wait(self, seconds: float) -> Answer | None:
        """Return the answer, None after a time.

        Raises:
            HomeAssistantError: the phone could send the question to nobody.
        """
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(self._ended)
        except TimeoutError:
            return None
        except HomeAssistantError:
            self._ended = self._ended.get_loop().create_future()
            raise

    def accepts(self, received: SmsGateEvent) -> bool:
        """Return True if a message is an answer; not if it is older than the question."""
        event, asked_at = received.event, self._asked_at.replace(microsecond=0)
        return (
            not self._ended.done()
            and (received.entry_id, clean(event.sender or "")) in self._numbers
            and not (received.late and event.timestamp and event.timestamp < asked_at)
            and self._answers.fits(event.message or "")
        )

    @callback
    def async_answer(self, received: SmsGateEvent) -> None:
        """End the question."""
        event, contact = received.event, received.contact
        self._ended.set_result(
            Answer(
                id=self._answers.id_of(event.message or ""),
                message=event.message or "",
                sender=event.sender or "",
                contact=contact.name if contact else None,
                answered_at=event.timestamp or utcnow(),
            )
        )

    @callback
    def async_failed(self, received: SmsGateEvent) -> None:
        """Note that the phone could not ask somebody, and end once that is everybody."""
        event = received.event
        if (numbers := self._messages.get(event.message_id or "")) is None:
            return
        if len(numbers) == 1:
            numbers.clear()
        numbers.discard(event.recipient or "")
        if not any(self._messages.values()) and not self._ended.done():
            reason = without_numbers(event.reason or event.kind.key)
            self._ended.set_exception(failure("sending_failed", reason=reason))


@callback
def async_process(hass: HomeAssistant, received: SmsGateEvent) -> SmsGateEvent:
    """Return an event that says whether it answers a question; then it ends that.

    Of several questions that it fits, only the newest is answered.
    """
    questions = hass.data.get(_OPEN, [])
    if received.event.kind in (EventKind.SMS_FAILED, EventKind.SMS_CANCELLED):
        for question in questions:
            question.async_failed(received)
    if received.event.kind is not EventKind.SMS_RECEIVED:
        return received
    fitting = [question for question in questions if question.accepts(received)]
    if not fitting:
        return received
    fitting[-1].async_answer(received)
    return replace(received, answers_question=True)
