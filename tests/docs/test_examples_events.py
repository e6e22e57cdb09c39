"""The documentation's examples of events do what their page says."""

from collections.abc import Awaitable, Callable

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from tests.support.common import SARA, Account, Rig
from tests.support.docs_examples import automation, notified, soon
from tests.support.receiving import POLL, pass_time


@pytest.fixture(autouse=True)
async def _notifications(hass: HomeAssistant) -> None:
    """Most examples show something."""
    assert await async_setup_component(hass, "persistent_notification", {})


def _restart_without_sim(account: Account) -> None:
    """Take the SIM out and start the app again."""
    account.phone.sims = ()
    account.phone.restart()


def _mms(account: Account) -> str:
    """Receive a whole MMS."""
    return account.phone.receive_mms_downloaded(
        SARA, body="Look", attachments=[("cat.png", "image/png", b"\x89PNG")]
    )


RECEIVED: dict[str, tuple[Callable[[Account], object], str | None, str]] = {
    "event_sms_received": (
        lambda account: account.phone.receive(SARA, "Hello", at=soon()),
        "SMS from Sara",
        "Hello",
    ),
    "event_sms_data_received": (
        lambda account: account.phone.receive_data(SARA, b"21.5 C"),
        f"Data from {SARA}",
        "21.5 C",
    ),
    "event_mms_received": (
        lambda account: account.phone.receive_mms(SARA, size=4711),
        None,
        "Sara sends an MMS of 4711 bytes.",
    ),
    "event_mms_downloaded": (_mms, "MMS from Sara", "cat.png: media-source://"),
    "event_app_started": (
        _restart_without_sim,
        None,
        "The app started without a SIM card.",
    ),
    "event_system_ping": (
        lambda account: account.phone.ping(),
        None,
        "The phone is not charging, it has 87 % left.",
    ),
}


@pytest.mark.parametrize("name", RECEIVED)
async def test_an_event_that_comes_in(
    hass: HomeAssistant, account: Account, name: str
) -> None:
    """One notification, with what the event brought."""
    cause, title, text = RECEIVED[name]
    await automation(hass, name)
    cause(account)
    await account.settled()
    ((shown_title, shown),) = notified(hass)
    assert shown_title == title
    assert text in " ".join(shown.split())


async def _send_long(account: Account) -> None:
    """Send a text of five parts."""
    await account.send("x" * 700, "Sara")


async def _send(account: Account) -> None:
    """Send a text of one part."""
    await account.send("Hello", "Sara")


async def _fail(account: Account) -> None:
    """Send a text that cannot be sent."""
    account.phone.outcomes[SARA] = "failed"
    await account.send("Hello", "Sara")


REPORTED: dict[str, tuple[Callable[[Account], Awaitable[None]], str]] = {
    "event_sms_sent": (_send_long, "A message cost 5 SMS."),
    "event_sms_delivered": (_send, "Sara got a message at 20"),
    "event_sms_failed": (_fail, "Send result: "),
    "message_failed": (_fail, "Send result: "),
}


@pytest.mark.parametrize("name", REPORTED)
async def test_an_event_about_a_sent_message(
    hass: HomeAssistant, account: Account, name: str
) -> None:
    """One notification, as the page says."""
    cause, text = REPORTED[name]
    await automation(hass, name)
    await cause(account)
    await account.settled()
    ((_title, shown),) = notified(hass)
    assert shown.startswith(text)


@pytest.mark.parametrize(
    "name", ["event_sms_sent", "event_app_started", "event_system_ping"]
)
async def test_a_condition_keeps_the_usual_out(
    hass: HomeAssistant, account: Account, name: str
) -> None:
    """A short text, an app that sees its SIM, a phone that is charging."""
    await automation(hass, name)
    await _send(account)
    account.phone.charging = True
    account.phone.restart()
    account.phone.ping()
    await account.settled()
    assert notified(hass) == []


@pytest.mark.parametrize(("length", "shown"), [(64, 1), (65, 0)])
async def test_a_beginning_of_data_is_not_shown(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    length: int,
    shown: int,
) -> None:
    """By poll, the phone hands out 64 bytes."""
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    await automation(hass, "event_sms_data_received")
    account.phone.receive_data(SARA, b"x" * length)
    await pass_time(hass, freezer, POLL)
    assert len(notified(hass)) == shown
