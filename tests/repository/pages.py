"""The documentation as a reader's browser sees it: links, anchors, pictures, examples."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
import re
from typing import Final
from urllib.parse import unquote

from .source import ROOT, repository_files

PICTURES: Final = ROOT / "docs" / "pictures"
EXAMPLES: Final = ROOT / "docs" / "examples"
ARABIC: Final = ROOT / "docs" / "ar"
# Its code is a whole dashboard, which scripts/screenshots loads from the page itself
DASHBOARD: Final = ROOT / "docs" / "dashboard.md"
_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\](?:\([^)]*\))?)*\]\(([^)\s]+)\)")
_PICTURE: Final = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
_HEADING: Final = re.compile(r"^(#{1,6}) +(.+?) *$", re.MULTILINE)
_ANCHOR: Final = re.compile(r'<a (?:id|name)="([^"]+)">')


def pages() -> list[Path]:
    """Return the pages that people read on GitHub, those that git has or would take."""
    return [
        path
        for path in repository_files()
        if path.suffix == ".md" and path.parent in (ROOT, ROOT / "docs", ARABIC)
    ]


def prose(text: str) -> str:
    """Return a page without its blocks of code."""
    return _FENCE.sub("", text)


def anchors(text: str) -> set[str]:
    """Return where links into a page can lead.

    GitHub makes them of headings: in lower case, without signs but hyphens and
    underscores, with hyphens for spaces, and numbered where there are equal ones.
    """
    found, seen = set(_ANCHOR.findall(text)), Counter[str]()
    for _level, title in _HEADING.findall(prose(text)):
        plain = _LINK.sub("", title) if title.startswith("[") else title
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def links(text: str) -> list[str]:
    """Return all targets of a page's links and pictures; a picture may be a link."""
    found = _LINK.findall(prose(text))
    return found + [target for _, target in _PICTURE.findall(prose(text))]


def broken(page: Path, text: str) -> list[str]:
    """Return the links to files and headings that are not there."""
    return [link for link in links(text) if not _leads_somewhere(page, link)]


def _leads_somewhere(page: Path, link: str) -> bool:
    """Return True if a link leads to a file of the repository, and into it."""
    if re.match(r"[a-z]+:", link):
        return True
    file, _, anchor = unquote(link).partition("#")
    target = (page.parent / file).resolve() if file else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or anchor in anchors(target.read_text(encoding="utf-8"))


def headings(text: str) -> list[str]:
    """Return the level of each heading of a page, as the signs before it."""
    return [level for level, _title in _HEADING.findall(prose(text))]


def places(page: Path, text: str) -> Counter[str]:
    """Return where a page's links lead, in any language: the file, the nth heading."""
    return Counter(_place(page, link) for link in links(text))


def in_english(page: Path) -> Path:
    """Return the English page or picture of the same content, or itself."""
    if page.parent.name == "ar":
        return page.parent.parent / page.name
    return page.with_name(page.name.replace(".ar.md", ".md"))


def _place(page: Path, link: str) -> str:
    if re.match(r"[a-z]+:", link):
        return link
    file, _, anchor = unquote(link).partition("#")
    target = (page.parent / file).resolve() if file else page
    place = in_english(target).relative_to(ROOT).as_posix()
    return f"{place}#{_heading(target, anchor)}" if anchor else place


def _heading(page: Path, anchor: str) -> int:
    titles = _HEADING.findall(prose(page.read_text(encoding="utf-8")))
    found = [anchors(f"{level} {title}") for level, title in titles]
    return found.index({anchor})


def section(text: str, title: str) -> str:
    """Return what stands below a heading of the second level, empty without one."""
    parts = re.split(r"^## +", text, flags=re.MULTILINE)[1:]
    found = [part for part in parts if part.partition("\n")[0].strip("` ") == title]
    return found[0] if found else ""


def examples(text: str) -> Iterator[tuple[str, str]]:
    """Yield each block of YAML with the file that stands above it, empty without."""
    for match in _FENCE.finditer(text):
        if match[1] == "yaml":
            above = text[: match.start()].rstrip("\n").rpartition("\n")[2]
            named = re.fullmatch(r"<!-- docs/examples/(\w+\.yaml) -->", above)
            yield named[1] if named else "", match[2]
