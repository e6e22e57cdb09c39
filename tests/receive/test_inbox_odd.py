"""A phone's inbox in which some messages cannot be read: the others are received."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from tests.support.common import SARA, Rig, collect
from tests.support.receiving import POLL, pass_time, polls, texts
from virtual_gateway.phone.api_inbox import InboxApi

ODD: dict[str, dict[str, Any]] = {
    "no time": {"createdAt": None},
    "a time without an offset": {"createdAt": "2026-06-22T10:00:00"},
    "no sender": {"sender": None},
    "a SIM in words": {"simNumber": "first"},
    "a long id": {"id": "text:" + "1" * 300},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("place", [0, 7, 29])
async def test_one_odd_message_hides_no_other(
    hass: HomeAssistant,
    rig: Rig,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    odd: dict[str, Any],
    place: int,
) -> None:
    """Wherever it stands; it is logged once, and costs no more requests later."""
    account = await rig.add_account(mode="local", options={"receive_mode": "poll"})
    whole = InboxApi._json

    def spoil(self: InboxApi, message: Any, *, with_files: bool) -> dict[str, object]:
        shown = whole(self, message, with_files=with_files)
        return shown | odd if shown["contentPreview"] == "odd" else shown

    monkeypatch.setattr(InboxApi, "_json", spoil)
    seen = collect(hass)
    for number in range(30):
        account.phone.receive(SARA, "odd" if number == place else str(number))
    await pass_time(hass, freezer, POLL)
    expected = [str(number) for number in range(30) if number != place]
    assert sorted(texts(seen), key=int) == expected

    account.phone.receive(SARA, "31")
    await pass_time(hass, freezer, POLL)
    assert texts(seen)[-1] == "31"
    rig.gateway.requests.clear()
    await pass_time(hass, freezer, POLL)
    assert len(polls(rig.gateway)) == 1
    assert len(texts(seen)) == 30
    assert caplog.text.count("left out 1 of the messages in the inbox") == 1
