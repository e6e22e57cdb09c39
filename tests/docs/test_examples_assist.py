"""The page on Assist: each of its sentences sends, and its answers are the real ones."""

import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from tests.repository.source import TRANSLATIONS, load_json
from tests.support.common import OMAR, SARA, Rig, contact
from tests.support.docs_examples import FOLDER, outbox

PAGE = (FOLDER.parent / "assist.md").read_text(encoding="utf-8")
MOTHER = "+966555555555"
# A language's name stands in the first of its rows only
SENTENCES = re.findall(r"^\| (?:English|العربية)? ?\| (.+) \|$", PAGE, re.MULTILINE)
ERRORS = load_json(TRANSLATIONS / "en.json")["exceptions"]


def test_the_page_has_sentences() -> None:
    """In both languages."""
    assert len(SENTENCES) == 6
    assert "Text Sara saying dinner is ready" in SENTENCES


@pytest.mark.parametrize("sentence", SENTENCES)
async def test_a_sentence_of_the_page(
    hass: HomeAssistant, rig: Rig, sentence: str
) -> None:
    """It sends to whom it names what it says."""
    people = (contact("Sara", SARA), contact("سارة", OMAR), contact("الوالدة", MOTHER))
    account = await rig.add_account(contacts=people, options={"expose_to_assist": True})
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    await hass.async_block_till_done()  # the sentences are registered then
    language = "en" if sentence.isascii() else "ar"
    answer: Any = await hass.services.async_call(
        "conversation",
        "process",
        {"text": sentence, "language": language},
        blocking=True,
        return_response=True,
    )
    assert answer["response"]["response_type"] == "action_done"
    await account.settled()
    ((number, text),) = outbox(account)
    assert text == ("dinner is ready" if language == "en" else "العشاء جاهز")
    assert number == (
        SARA if language == "en" else MOTHER if "والدة" in sentence else OMAR
    )


@pytest.mark.parametrize(
    "key",
    [
        "assist_handed_over",
        "assist_unknown_contact",
        "assist_ambiguous_contact",
        "assist_outcome_unknown",
    ],
)
def test_an_answer_of_the_page_is_a_real_one(key: str) -> None:
    """As far as the page quotes it; names and what follows stand as dots."""
    quoted = re.findall(r"^\| (.+?) \| ", PAGE, re.MULTILINE)
    said = ERRORS[key]["message"].replace("{contact}: {message}", "Sara: …")
    said = said.replace("{contact}", "…")
    assert any(
        said.startswith(item.rstrip("… .")) for item in quoted if len(item) > 15
    ), said
