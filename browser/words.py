"""The integration's own texts, as the browser should show them."""

import json
from typing import Any, Final

from harness.home import ROOT

TRANSLATIONS: Final = ROOT / "custom_components" / "sms_gate" / "translations"


class Words:
    """The texts of one language, by their keys."""

    def __init__(self, language: str) -> None:
        """Read the file; ``language`` is its name."""
        self.language = language
        path = TRANSLATIONS / f"{language}.json"
        self._texts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))

    def __call__(self, key: str, **placeholders: str) -> str:
        """Return a text by its dotted key; KeyError where there is none."""
        found: Any = self._texts
        for part in key.split("."):
            found = found[part]
        return str(found).format(**placeholders) if placeholders else str(found)

    def first_paragraph(self, key: str, **placeholders: str) -> str:
        """Return a text up to its first empty line; the browser shows paragraphs."""
        return self(key, **placeholders).partition("\n\n")[0]
