"""The texts of the integration and of Home Assistant, as the browser shows them."""

import json
from pathlib import Path
from typing import Any, Final

import hass_frontend

from harness.home import ROOT

TRANSLATIONS: Final = ROOT / "custom_components" / "sms_gate" / "translations"
_HOME: Final = Path(hass_frontend.__file__).parent / "static" / "translations"


class Words:
    """The texts of one language, by their keys."""

    def __init__(self, language: str) -> None:
        """Read the file; ``language`` is its name."""
        self.language = language
        path = TRANSLATIONS / f"{language}.json"
        self._texts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self._home: dict[str, str] = {}

    def __call__(self, key: str, **placeholders: str) -> str:
        """Return a text by its dotted key; KeyError where there is none."""
        found: Any = self._texts
        for part in key.split("."):
            found = found[part]
        return str(found).format(**placeholders) if placeholders else str(found)

    def home(self, key: str, **placeholders: str) -> str:
        """Return a text of Home Assistant's own frontend."""
        if not self._home:
            for folder in (_HOME, _HOME / "config"):
                (path,) = folder.glob(f"{self.language}-{'[0-9a-f]' * 32}.json")
                self._home |= json.loads(path.read_text(encoding="utf-8"))
        return self._home[key].format(**placeholders)

    def first_paragraph(self, key: str, **placeholders: str) -> str:
        """Return a text up to its first empty line; the browser shows paragraphs."""
        return self(key, **placeholders).partition("\n\n")[0]
