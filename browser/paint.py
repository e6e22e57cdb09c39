"""scripts/test-browser --paint: how long the Messages page takes, with few and many."""

import asyncio
from statistics import median
from typing import Final

from benchmarks.keeping import FEW, MESSAGES, fill, wait_for_file
from harness.dialogs import add_account
from harness.gateway import PASSWORD, USERNAME

from . import account
from .conversations import PAGE
from .world import World, new_window

TURNS: Final = 9
# From the start of the page's own module to the first frame with a list
_PAINTED: Final = """async () => {
    const find = (root, name) => {
        for (const it of root.querySelectorAll("*")) {
            const found = it.localName === name ? it
                : it.shadowRoot && find(it.shadowRoot, name);
            if (found) return found;
        }
    };
    let view;
    while (!(view = find(document, "sms-gate-messages"))?.shadowRoot
        ?.querySelector(".row")) {
        await new Promise(requestAnimationFrame);
    }
    await new Promise(requestAnimationFrame);
    const module = performance.getEntriesByType("resource").find(
        it => it.name.endsWith("messages-page.js"));
    return performance.now() - module.startTime;
}"""


async def measure(world: World) -> None:
    """Open the page again and again with ten messages kept, then with 100,000."""
    login = {"username": USERNAME, "password": PASSWORD, "verify_ssl": True}
    server = {"url": world.gateway.url}
    entry_id = await add_account(world.home, "private", {**server, **login})
    keep = "sms_gate/conversations/keep"
    await world.connection.ask(keep, config_entry_id=entry_id, days=30)
    file = world.home.folder / ".storage" / f"sms_gate.{entry_id}.messages"
    await wait_for_file(file)
    took: dict[int, float] = {}
    for messages in (range(FEW), range(FEW, MESSAGES)):
        await asyncio.to_thread(fill, file, messages)
        took[messages.stop] = median([await _open(world) for _ in range(TURNS)])
        print(f"{messages.stop:,} messages: {took[messages.stop]:.0f} ms", flush=True)
    print(f"100,000 against 10: {took[MESSAGES] / took[FEW]:.2f}", flush=True)


async def _open(world: World) -> float:
    """Return the milliseconds until the list is painted, in a new window."""
    login = await world.person.page.context.storage_state()
    context = await new_window(world.browser, 1280, 860, login=login)
    page = await context.new_page()
    await page.goto(world.home.url + PAGE)
    painted = float(await page.evaluate(_PAINTED))
    await context.close()
    return painted


STEPS: Final = (("log in", account.log_in), ("open the page", measure))
