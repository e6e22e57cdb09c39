"""What Assist hears: the text goes out as it was said."""

import pytest

from custom_components.sms_gate.assist.speech import as_said


@pytest.mark.parametrize(
    ("message", "sentence", "said"),
    [
        pytest.param(
            "Where are you I'm home",
            "Send a text to Sara saying Where are you? I'm home.",
            "Where are you? I'm home.",
            id="question mark and full stop",
        ),
        pytest.param("hi", "text Sara saying: hi", "hi", id="colon before"),
        pytest.param("hi", "text Sara saying:hi!", "hi!", id="colon without space"),
        pytest.param("hi", 'text Sara saying "hi"', '"hi"', id="quotation marks"),
        pytest.param("5 degrees", "text Sara saying -5 degrees", "-5 degrees", id="-"),
        pytest.param(
            "http//a.b/c?d=e now",
            "text Sara saying http://a.b/c?d=e now",
            "http://a.b/c?d=e now",
            id="address",
        ),
        pytest.param("one two", "text Sara saying one\ntwo", "one\ntwo", id="lines"),
        pytest.param("😀 hi", "text Sara saying 😀 hi, you", "😀 hi", id="other words"),
        pytest.param(
            "😀 hi", "text Sara saying 😀, hi 😀", "😀 hi", id="more at the end"
        ),
        pytest.param("😀 hi", "text Sara saying 😀, hi.", "😀, hi.", id="emoji"),
        pytest.param("it's on", "text Sara saying it’s on", "it’s on", id="apostrophe"),
        pytest.param(
            "أنا في الطريق كيف حالك",
            "أرسل رسالة إلى سارة تقول أنا في الطريق، كيف حالك؟",
            "أنا في الطريق، كيف حالك؟",
            id="Arabic",
        ),
        pytest.param("hi Sara", "text hi to Sara", "hi Sara", id="not in the sentence"),
        pytest.param("hi", None, "hi", id="no sentence"),
        pytest.param("hi", "", "hi", id="empty sentence"),
        pytest.param("?!", "text Sara saying ?!", "?!", id="nothing but marks"),
        pytest.param("", "text Sara saying", "", id="nothing"),
    ],
)
def test_only_punctuation_comes_back(
    message: str, sentence: str | None, said: str
) -> None:
    """Words are never changed, and never taken from before the message."""
    assert as_said(message, sentence) == said
