"""Texts, names and files of people who mean harm change nothing but text on the page."""

import base64
from collections.abc import Sequence
from typing import Any, Final

from playwright.async_api import Dialog, Page, Request

from harness.dialogs import add_contact, entries
from harness.until import HarnessError, expect, until
from harness.websocket import ask

from .conversations import open_page, receive, view
from .world import World

CALLER: Final = "+966531234567"
HTML: Final = '<img src="http://198.51.100.1/x" onerror="window.hit=1">'
TEXTS: Final[Sequence[str]] = (
    HTML,
    "<script>window.hit=1</script>",
    '</div></article><iframe src="http://198.51.100.1/"></iframe>',
    '"><svg/onload=window.hit=1><a href="javascript:window.hit=1">x</a>',
    "${window.hit=1} {{ states('sun.sun') }} %s &lt;b&gt; \\u003cb\\u003e",
    "W" * 10_000,
    "😀" * 2_000 + "👨‍👩‍👧‍👦",
    "a" + "\u0301" * 200,
    "\u202e\u2066gnp.exe\u2069 مرحبا \u200f\u2067 abc",
    "\x07\x1b[31m\x7f\u2028\u0085line\r\n\ttwo",
    "__proto__",
    "constructor",
)
FILES: Final = ('"><img src=x onerror=window.hit=1>.png', "\u202egnp.exe", "a" * 200)
KINDS: Final = ("image/png", "text/html", "image/svg+xml")
# All that the page is made of
ELEMENTS: Final = frozenset(
    [
        "a",
        "article",
        "bdi",
        "button",
        "div",
        "em",
        "footer",
        "h2",
        "ha-icon",
        "header",
        "img",
        "input",
        "main",
        "nav",
        "option",
        "p",
        "section",
        "select",
        "span",
        "strong",
        "style",
        "textarea",
        "time",
    ]
)
_ELEMENTS: Final = """view => [...view.shadowRoot.querySelectorAll("*")].map(
    it => it.localName)"""
_TEXTS: Final = """view => [...view.shadowRoot.querySelectorAll(".text")].map(
    it => it.textContent)"""
_LAYOUT: Final = """view => {
    const ends = selector => [...view.shadowRoot.querySelectorAll(selector)].map(
        it => Math.round(it.getBoundingClientRect().right));
    const scroller = view.shadowRoot.querySelector(".messages");
    return {
        hit: window.hit ?? null,
        sideways: document.documentElement.scrollWidth - window.innerWidth,
        threadSideways: scroller.scrollWidth - scroller.clientWidth,
        times: [...new Set(ends(".when"))].length,
    };
}"""


class Watch:
    """What a window asked for, and what dialogs it opened."""

    def __init__(self, page: Page, home: str) -> None:
        """Watch from now on."""
        self.elsewhere: list[str] = []
        self.dialogs: list[str] = []
        self._home = home
        page.on("request", self._asked)
        page.on("dialog", self._opened)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self._home, "data:", "blob:")):
            self.elsewhere.append(request.url)

    async def _opened(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        await dialog.dismiss()


async def show(world: World) -> None:
    """Receive all of them, from senders named so; look at each conversation."""
    person = world.person
    (entry,) = await entries(world.home)
    await open_page(person)
    watch = Watch(person.page, world.home.url)
    contact = {"name": HTML, "phone_number": CALLER}
    await add_contact(world.home, entry["entry_id"], contact)
    for words in TEXTS:
        await receive(world, words[:40], words)
    await _receive_mms(world)
    kept = await until(lambda: _kept(world), "all hostile conversations")
    seen: list[str] = []
    rows = view(person).get_by_role("listitem").get_by_role("button")
    # What came last stands first
    await rows.nth(len(kept) - 1).filter(has_text=TEXTS[0][:9]).wait_for()
    for place in range(len(kept)):
        await rows.nth(place).click()
        await view(person).get_by_role("article").first.wait_for()
        seen += await view(person).evaluate(_TEXTS)
        await _check(world, watch)
    expect(sorted({*TEXTS} - {*seen}), [], "texts that are not shown as they are")
    await person.picture("hostile")
    await _clean_up(world, entry["entry_id"], kept)


async def _receive_mms(world: World) -> None:
    data = base64.b64encode(b"<script>window.hit=1</script>").decode()
    files = [
        {"name": name, "content_type": kind, "data": data}
        for name, kind in zip(FILES, KINDS, strict=True)
    ]
    body = {"sender": CALLER, "subject": HTML, "body": TEXTS[1], "attachments": files}
    await world.gateway.control("POST", "receive_mms", body)


async def _kept(world: World) -> list[dict[str, Any]] | None:
    """Return the hostile conversations once all are kept."""
    found = await ask(world.home, "sms_gate/conversations/list")
    ours: list[dict[str, Any]] = [
        it
        for it in found["conversations"]
        if it["contact"] == HTML or it["text"] in {text[:200] for text in TEXTS}
    ]
    return ours if len(ours) > len(TEXTS) else None


async def _check(world: World, watch: Watch) -> None:
    """See that there is nothing but text."""
    shown = view(world.person)
    made = set(await shown.evaluate(_ELEMENTS)) - ELEMENTS
    expect(made, set(), "elements that a text made")
    wanted = {"hit": None, "sideways": 0, "threadSideways": 0, "times": 1}
    expect(await shown.evaluate(_LAYOUT), wanted, "what a text changed")
    if watch.elsewhere or watch.dialogs:
        raise HarnessError(f"a text led to {watch.elsewhere} {watch.dialogs}")


async def _clean_up(
    world: World, entry_id: str, kept: Sequence[dict[str, Any]]
) -> None:
    """Delete the conversations and the contact; the pictures after this are calm."""
    for it in kept:
        place = {"config_entry_id": entry_id, "conversation": it["conversation"]}
        await ask(world.home, "sms_gate/messages/delete", **place)
    listed = "config_entries/subentries"
    for it in await ask(world.home, f"{listed}/list", entry_id=entry_id):
        if it["title"] == HTML:
            ours = {"entry_id": entry_id, "subentry_id": it["subentry_id"]}
            await ask(world.home, f"{listed}/delete", **ours)
