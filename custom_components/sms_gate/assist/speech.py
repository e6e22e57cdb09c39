"""What Assist hears and says: the text as it was said, answers in one's language."""

from functools import cache
from pathlib import Path
from typing import Final
import unicodedata

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.language import matches

from ..const import DOMAIN

_BEFORE_A_TEXT: Final = ",:;،؛"


def as_said(message: str, sentence: str | None) -> str:
    """Return a message with the punctuation that recognising its sentence took away.

    Only the end of the sentence is looked at, and only where its words are exactly
    the message's: without a sentence, or with other words, the message stays.
    """
    words = _words(message)
    places = [place for place, char in enumerate(sentence or "") if _is_word(char)]
    if sentence is None or not words or not _words(sentence).endswith(words):
        return message
    start = places[-len(words)]
    while start and not sentence[start - 1].isspace() and (start - 1) not in places:
        start -= 1
    return sentence[start:].lstrip(_BEFORE_A_TEXT).strip()


def _words(text: str) -> str:
    """Return a text without spaces and punctuation."""
    return "".join(filter(_is_word, text))


def _is_word(char: str) -> bool:
    """Return True if recognising a sentence keeps this character as it is."""
    return not char.isspace() and not unicodedata.category(char).startswith("P")


async def async_say(
    hass: HomeAssistant, language: str, said: HomeAssistantError
) -> str:
    """Return a translated error, or answer, in the language that was spoken."""
    languages = await hass.async_add_executor_job(_languages)
    texts = await async_get_translations(
        hass, next(iter(matches(language, languages)), "en"), "exceptions", [DOMAIN]
    )
    key = f"component.{said.translation_domain}.exceptions.{said.translation_key}"
    if (text := texts.get(f"{key}.message")) is None:
        return str(said)
    return text.format(**(said.translation_placeholders or {}))


@cache
def _languages() -> tuple[str, ...]:
    """Return the languages there are texts in. Reads a folder: for the executor."""
    folder = Path(__file__).parents[1] / "translations"
    return tuple(file.stem for file in folder.glob("*.json"))
