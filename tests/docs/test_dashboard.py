"""The documented dashboard shows a message as text, whatever is in it."""

from html.parser import HTMLParser
from pathlib import Path
import re

from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template
from homeassistant.util.yaml import parse_yaml
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "dashboard.md"


class Shown(HTMLParser):
    """The text of each element, in order."""

    def __init__(self) -> None:
        """Begin outside of all elements."""
        super().__init__()
        self.texts: list[tuple[str, str]] = [("", "")]

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        """Begin an element."""
        self.texts.append((tag, ""))

    def handle_endtag(self, _tag: str) -> None:
        """Go on outside."""
        self.texts.append(("", ""))

    def handle_data(self, data: str) -> None:
        """Add to the last text."""
        tag, text = self.texts.pop()
        self.texts.append((tag, text + data))


def content() -> str:
    """Return the template of the card for the last message."""
    (found,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)[:1]
    page = parse_yaml(found)
    assert isinstance(page, dict)
    card: dict[str, str] = page["views"][0]["sections"][0]["cards"][0]
    return card["content"]


@pytest.mark.parametrize(
    "odd",
    [
        "</pre><img src=x onerror=alert(1)>",
        "</b></div>\n\n# [Click](https://evil.example) **now** `x`",
        "{{ states('sensor.x') }} {% raw %}",
        "line\n\n\nline\n~~~\n<script>",
        "\u202egnp.exe & \"'",
        "https://evil.example www.evil.example",
    ],
)
async def test_neither_sender_nor_text_leaves_its_place(
    hass: HomeAssistant, odd: str
) -> None:
    """No element, no Markdown and no template comes from an SMS."""
    hass.states.async_set(
        "sensor.sms_gate_last_message",
        "2026-06-22T10:00:00+00:00",
        {"sender": odd, "contact": None, "message": odd},
    )
    rendered = Template(content(), hass).async_render(parse_result=False)
    shown = Shown()
    shown.feed(rendered)
    shown.close()
    elements = [(tag, text) for tag, text in shown.texts if tag]
    assert elements == [("div", ""), ("b", odd.replace("\n", " ")), ("pre", odd)]
    # A blank line ends what Markdown leaves alone, but for a "pre"
    before, _, _ = rendered.partition("<pre")
    assert re.fullmatch(r"\s*<div>[^\n]*</div>\s*", before)
