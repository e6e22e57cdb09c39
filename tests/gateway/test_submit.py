"""A message goes out once: against a real gateway, and against one that lies."""

import asyncio
from dataclasses import replace
from hashlib import sha256
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest

from custom_components.sms_gate.gateway.client import GatewayClient
from custom_components.sms_gate.gateway.errors import (
    GatewayAuthError,
    GatewayBusyError,
    GatewayConflictError,
    GatewayError,
    GatewayNotFoundError,
    GatewayRejectedError,
    GatewayResponseError,
    GatewayServerError,
    GatewayTimeoutError,
    GatewayUnavailableError,
    GatewayUnreachableError,
)
from custom_components.sms_gate.gateway.models import (
    Message,
    OutgoingMessage,
    Recipient,
)
from custom_components.sms_gate.gateway.submit import submit
from tests.support.common import OMAR, SARA
from virtual_gateway import VirtualGateway

TEXT = "Front door is open"
MESSAGE = OutgoingMessage(id="first", phone_numbers=(SARA, OMAR), text=TEXT)


def accepted(*numbers: str, **changed: Any) -> Message:
    """Return the gateway's message."""
    recipients = tuple(Recipient(phone_number=item, state="Sent") for item in numbers)
    return Message(
        **{"id": "first", "device_id": "d", "state": "Sent", **changed},
        recipients=recipients or accepted(SARA, OMAR).recipients,
    )


class Answers(GatewayClient):
    """A client whose gateway gives these answers, the last one for ever."""

    def __init__(
        self, sends: list[GatewayError | Message], looks: list[GatewayError | Message]
    ) -> None:
        self.sends, self.looks = sends, looks
        self.sent = self.looked = 0

    async def send(self, message: OutgoingMessage) -> Message:
        self.sent += 1
        return self._next(self.sends)

    async def message(self, message_id: str) -> Message:
        assert message_id == MESSAGE.id
        self.looked += 1
        return self._next(self.looks)

    @staticmethod
    def _next(answers: list[GatewayError | Message]) -> Message:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, GatewayError):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """No test waits; the pauses are noted. Others get their turn of the loop."""
    noted: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        noted.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    return noted


UNKNOWN = GatewayNotFoundError(404, "")
BUSY = GatewayBusyError("queue limits exceeded")
TIMEOUT = GatewayTimeoutError("No answer in time")
PROXY = GatewayUnavailableError(503)
REFUSED = GatewayRejectedError(400, "no")
CONFLICT = GatewayConflictError(409, "known")
PAGE = GatewayResponseError("HTTP status 403")
UNREACHABLE = GatewayUnreachableError("ClientConnectorError")


@pytest.mark.parametrize(
    ("sends", "looks", "error", "sent", "looked"),
    [
        pytest.param([REFUSED], [UNKNOWN], REFUSED, 1, 0, id="refused"),
        pytest.param([BUSY], [UNKNOWN], BUSY, 1, 0, id="busy"),
        pytest.param([UNREACHABLE], [UNKNOWN], UNREACHABLE, 3, 0, id="unreachable"),
        pytest.param([TIMEOUT], [UNKNOWN], TIMEOUT, 3, 1, id="timeouts"),
        pytest.param([PAGE], [UNKNOWN], PAGE, 3, 1, id="pages"),
        pytest.param(
            [TIMEOUT, UNREACHABLE], [UNKNOWN], TIMEOUT, 3, 1, id="one timeout"
        ),
        pytest.param([TIMEOUT, PROXY], [UNKNOWN], TIMEOUT, 3, 1, id="timeout, proxy"),
        pytest.param([PROXY, TIMEOUT], [UNKNOWN], TIMEOUT, 3, 1, id="proxy, timeout"),
        pytest.param([TIMEOUT, REFUSED], [UNKNOWN], TIMEOUT, 2, 1, id="then refused"),
        pytest.param([TIMEOUT, BUSY], [UNKNOWN], BUSY, 2, 1, id="then busy"),
        pytest.param([TIMEOUT, BUSY], [TIMEOUT], TIMEOUT, 2, 1, id="look-up lost"),
        pytest.param([TIMEOUT], [PAGE], TIMEOUT, 3, 1, id="look-up is a page"),
        pytest.param([PROXY], [PROXY], PROXY, 3, 1, id="look-up refused on the way"),
        pytest.param([CONFLICT], [UNKNOWN], CONFLICT, 1, 1, id="conflict, unknown"),
    ],
)
async def test_the_error_says_what_is_known(
    sends: list[GatewayError | Message],
    looks: list[GatewayError | Message],
    error: GatewayError,
    sent: int,
    looked: int,
) -> None:
    """Nothing was sent, or it is unknown: never one for the other."""
    client = Answers([*sends], [*looks])
    with pytest.raises(GatewayError) as caught:
        await submit(client, MESSAGE)
    assert caught.value is error
    assert (client.sent, client.looked) == (sent, looked)


@pytest.mark.parametrize("odd", ["", ".", "..", "a/b", "\ud83d"])
async def test_an_id_that_no_path_can_carry_is_refused(odd: str) -> None:
    """Nobody could ever ask what became of the message."""
    client = Answers([accepted()], [UNKNOWN])
    with pytest.raises(GatewayRejectedError):
        await submit(client, replace(MESSAGE, id=odd))
    assert (client.sent, client.looked) == (0, 0)


async def test_an_error_is_not_its_own_cause() -> None:
    """Or a traceback would go round in circles."""
    with pytest.raises(GatewayTimeoutError) as caught:
        await submit(Answers([TIMEOUT], [UNKNOWN]), MESSAGE)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("status", [408, 429, 503])
async def test_a_proxys_refusal_is_believed_once_the_gateway_was_asked(
    status: int,
) -> None:
    """It does not know the id, so nothing was sent."""
    client = Answers([GatewayUnavailableError(status, 7.0)], [UNKNOWN])
    with pytest.raises(GatewayBusyError) as caught:
        await submit(client, MESSAGE)
    assert (caught.value.reason, caught.value.retry_after) == (
        f"HTTP status {status}",
        7.0,
    )
    assert (client.sent, client.looked) == (3, 1)


@pytest.mark.parametrize("err", [PROXY, TIMEOUT, PAGE, GatewayServerError(500)])
async def test_what_was_accepted_all_the_same_is_found(err: GatewayError) -> None:
    """The answers were lost, the message was not."""
    client = Answers([err], [accepted()])
    assert await submit(client, MESSAGE) == accepted()


async def test_a_login_refused_at_the_look_up_is_named() -> None:
    """The outcome is unknown, and the cause is there for who wants it."""
    client = Answers([TIMEOUT], [GatewayAuthError("HTTP status 401")])
    with pytest.raises(GatewayTimeoutError) as caught:
        await submit(client, MESSAGE)
    assert isinstance(caught.value.__cause__, GatewayAuthError)


@pytest.mark.parametrize(
    ("retry", "expected"),
    [
        (None, [1.0, 4.0]),
        (0.0, [1.0, 4.0]),
        (3.0, [3.0, 4.0]),
        (10.0, [10.0, 10.0]),
        (10.5, [10.0, 10.0]),
        (3600.0, [10.0, 10.0]),
    ],
)
async def test_retry_after_is_kept_within_reason(
    pauses: list[float], retry: float | None, expected: list[float]
) -> None:
    """Whoever sends an alarm waits for the answer."""
    client = Answers([GatewayUnavailableError(503, retry)], [UNKNOWN])
    with pytest.raises(GatewayBusyError):
        await submit(client, MESSAGE)
    assert pauses == expected


HASH = sha256(TEXT.encode()).hexdigest()


def hashed(number: str) -> str:
    """Return what a server keeps of a number."""
    return sha256(number.encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(accepted(), id="same"),
        pytest.param(accepted(OMAR, SARA), id="other order"),
        pytest.param(accepted(text=TEXT), id="same text"),
        pytest.param(accepted(content_hash=HASH), id="same hash"),
        pytest.param(accepted(hashed(SARA), hashed(OMAR)), id="hashed numbers"),
        pytest.param(accepted("$aes", "$aes", is_encrypted=True), id="encrypted"),
    ],
)
async def test_the_same_message_under_a_known_id_is_no_error(known: Message) -> None:
    """A repeated request answers with what became of the first one."""
    assert await submit(Answers([CONFLICT], [known]), MESSAGE) == known


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(accepted(SARA), id="one recipient less"),
        pytest.param(accepted(SARA, OMAR, "+966500000000"), id="one more"),
        pytest.param(accepted(SARA, "+966500000000"), id="another recipient"),
        pytest.param(accepted(text="Other"), id="another text"),
        pytest.param(accepted(content_hash="0" * 64), id="another hash"),
    ],
)
async def test_a_known_id_of_another_message_is_a_conflict(known: Message) -> None:
    """Success would be a lie: this one was not sent."""
    with pytest.raises(GatewayConflictError):
        await submit(Answers([CONFLICT], [known]), MESSAGE)


async def test_after_a_lost_answer_the_known_id_is_ours() -> None:
    """A server may write numbers in a way of its own."""
    known = accepted("0590042734", "0555123456")
    client = Answers([TIMEOUT, CONFLICT], [known])
    assert await submit(client, MESSAGE) == known


async def test_a_conflict_that_cannot_be_looked_up_was_accepted() -> None:
    """Its state is the one every message begins with."""
    message = await submit(Answers([CONFLICT], [TIMEOUT]), MESSAGE)
    assert (message.id, message.state) == ("first", "Pending")
    assert [item.phone_number for item in message.recipients] == [SARA, OMAR]


@pytest.mark.parametrize("path", ["/api/3rdparty/v1", ""], ids=["server", "phone"])
async def test_an_id_used_again_at_a_real_gateway(
    hass: HomeAssistant, gateway: VirtualGateway, path: str
) -> None:
    """The same message twice is one message; another one is refused."""
    client = GatewayClient(
        async_get_clientsession(hass),
        gateway.url + path,
        gateway.username,
        gateway.password,
        local=not path,
    )
    first = await submit(client, MESSAGE)
    assert (await submit(client, MESSAGE)).id == first.id
    with pytest.raises(GatewayConflictError):
        await submit(client, replace(MESSAGE, phone_numbers=(SARA,)))
    await gateway.settled()
    assert sorted(sms.phone_number for sms in gateway.phones[0].outbox) == sorted(
        [SARA, OMAR]
    )
