"""scripts/test-browser: goes a person's way through the real demo.

Each step prints its name and time and leaves a picture. It ends with 0 only if every
step was seen; the first that was not prints what was on the page instead.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
import sys
import tempfile
import time
from typing import Final

from playwright.async_api import Error as BrowserError

from demo.running import CONFIG
from harness.home import ROOT
from harness.process import end_on_signals
from harness.until import HarnessError, NotSeenError

from . import (
    account,
    arabic,
    arabic_question,
    automation,
    card,
    conversations,
    docs_pictures,
    hostile,
    log,
    looks,
    messages,
    paint,
    question,
    repair,
    set_up,
    two_accounts,
    writing,
)
from .world import World, world

type Step = Callable[[World], Awaitable[None]]

PICTURES: Final = ROOT / ".artefacts" / "browser"
LONGEST_SECONDS: Final = 900
STEPS: Final[Sequence[tuple[str, Step]]] = (
    ("log in", account.log_in),
    ("a wrong password is refused", account.refuse_wrong_password),
    ("the right one: the phone's settings are put right", set_up.put_right),
    ("the first SMS: accepted, sent, delivered", set_up.send_first_sms),
    ("add a contact", account.add_contact),
    ("the line test passes", set_up.test_line),
    ("a phone in local mode gets keys; no first SMS", set_up.skip_first_sms),
    ("send from the action dialog", messages.send),
    ("receive: the event entity changes on the device page", messages.receive),
    ("find it in the activity", messages.look_at_activity),
    ("build an automation with our trigger", automation.build_automation),
    ("it runs for the sender and text it is for", automation.run_automation),
    ("build a question: by target, condition, two answers", question.build_question),
    ("it asks, and the answer is one", question.answer_question),
    ("a wrong signing key raises a repair", repair.meet_repair),
    ("the repair's dialog mends it, nothing is lost", repair.repair),
    ("nothing was received twice", repair.hear_once),
    ("Messages: asked before anything is kept", conversations.keep),
    ("receive: who wrote what, unread", conversations.see_unread),
    ("answer, and see it delivered", conversations.reply),
    ("not sent: why, and again when asked", conversations.see_failure),
    ("an MMS with its picture", conversations.see_picture),
    ("search, delete", conversations.search_and_delete),
    ("write to somebody new: later, by a phone's SIM", writing.send_later),
    ("an unknown sender becomes a contact", writing.add_sender),
    ("hostile texts, names and files are text", hostile.show),
    ("Messages by the keyboard", looks.use_keyboard),
    ("a phone's width, at night", looks.look_on_a_phone),
    ("the card: suggested, set up, on a dashboard", card.add_card),
    ("a user without rights sees nothing", card.look_as_guest),
    ("two accounts: each card its own, at night", two_accounts.tell_apart),
    ("change to Arabic", arabic.change_language),
    ("the account's dialog in Arabic", arabic.refuse_in_arabic),
    ("the contact's dialog in Arabic", arabic.add_contact_in_arabic),
    ("the options in Arabic", arabic.look_at_options),
    ("the device page in Arabic", arabic.look_at_device),
    ("Messages in Arabic", looks.look_in_arabic),
    ("a question built in Arabic", arabic_question.build_in_arabic),
    ("it asks, and an Arabic digit answers", arabic_question.answer_in_arabic),
    ("the activity in Arabic", arabic_question.read_activity_in_arabic),
    ("the log has no complaint, no text and no number", log.read),
)
# What these look at cannot be seen in a window
UNSEEN: Final = (repair.hear_once, log.read)
# What steps chosen with --only need: an account with a contact, Arabic
NEEDED: Final = (
    account.log_in,
    account.refuse_wrong_password,
    set_up.put_right,
    set_up.send_first_sms,
    account.add_contact,
)
NEEDED_IN_ARABIC: Final = (arabic.change_language, arabic.add_contact_in_arabic)


def only(names: Sequence[str]) -> Sequence[tuple[str, Step]]:
    """Return the steps of these modules or functions, and what they need."""
    modules = {it: it.__module__.rpartition(".")[2] for _, it in STEPS}
    wanted = {it for it in modules if {it.__name__, modules[it]} & set(names)}
    unknown = set(names) - {it.__name__ for it in modules} - set(modules.values())
    if unknown or not wanted:
        raise HarnessError(f"no such step: {', '.join(sorted(unknown))}")
    functions = [it for _, it in STEPS]
    begin = functions.index(arabic.change_language)
    wanted.update(NEEDED)
    if wanted & set(functions[begin:-1]):
        wanted.update(NEEDED_IN_ARABIC)
    return [(what, it) for what, it in STEPS if it in wanted]


async def walk(its: World, steps: Sequence[tuple[str, Step]], start: float) -> None:
    """Go the steps; raise where one was not seen, with what was seen instead."""
    before, is_walk = time.monotonic(), set(steps) <= set(STEPS)
    for number, (what, step) in enumerate(steps, start=1):
        its.person.step = number
        try:
            await step(its)
            if is_walk and step not in UNSEEN:
                await its.person.picture(step.__name__.replace("_", "-"))
        except (BrowserError, HarnessError, OSError, KeyError) as err:
            raise NotSeenError(await _instead(its, what, err)) from err
        now = time.monotonic()
        took, before = now - before, now
        print(f"{now - start:6.1f} s  +{took:4.1f} s  {number:2} {what}", flush=True)


async def _instead(its: World, what: str, err: Exception) -> str:
    """Return a report of a step that failed; its pictures are kept."""
    with suppress(BrowserError):
        phone = await its.person.picture("FAILED-phone", its.person.phone)
        home = await its.person.picture("FAILED")
        seen = await its.person.on_the_page()
        return f"{what}\n{err!s}\n\nOn the page:\n{seen}\n\nPictures: {home} {phone}"
    return f"{what}\n{err!s}\nThe browser is gone."


def empty(pictures: Path) -> Path:
    """Remove what an earlier run left, so that every picture is of this one."""
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("[0-9][0-9]-*.png"):
        old.unlink()
    return pictures


async def run(pictures: Path, steps: Sequence[tuple[str, Step]]) -> None:
    """Start everything, walk, end everything."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sms-gate-browser-") as folder:
        async with (
            asyncio.timeout(LONGEST_SECONDS),
            world(Path(folder) / "home", pictures, overlay=CONFIG) as its,
        ):
            print(f"{time.monotonic() - start:6.1f} s  the demo is up", flush=True)
            await walk(its, steps, start)
    print(f"All {len(steps)} steps were seen. Pictures: {pictures}")


async def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="scripts/test-browser", description=__doc__)
    add = parser.add_argument
    add("--pictures", type=Path, default=PICTURES, help="the folder for pictures")
    add("--for-the-docs", action="store_true", help="take the pictures of the pages")
    add("--only", action="append", help="a module or step; can be repeated")
    add("--paint", action="store_true", help="measure the Messages page")
    arguments = parser.parse_args()
    steps = STEPS
    if arguments.for_the_docs:
        steps = docs_pictures.STEPS
    elif arguments.paint:
        steps = paint.STEPS
    end_on_signals()
    try:
        if arguments.only:
            steps = only(arguments.only)
        await run(empty(arguments.pictures.resolve()), steps)
    except TimeoutError:
        print(f"FAILED: not done within {LONGEST_SECONDS} s", file=sys.stderr)
        return 1
    except (BrowserError, HarnessError) as err:
        print(f"FAILED: {err}", file=sys.stderr)
        return 1
    return 0


with suppress(asyncio.CancelledError):
    sys.exit(asyncio.run(main()))
sys.exit(130)
