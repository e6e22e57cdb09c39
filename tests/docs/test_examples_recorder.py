"""The documentation's example that keeps the actions' texts out of the history."""

from typing import Any

from homeassistant.components.recorder.util import session_scope
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from sqlalchemy import text

from tests.support.common import Account
from tests.support.docs_examples import example

pytestmark = pytest.mark.usefixtures("recorder_mock")

QUERY = """
    SELECT shared_data FROM event_data
    JOIN events USING (data_id) JOIN event_types USING (event_type_id)
    WHERE event_types.event_type = 'call_service'
"""


@pytest.fixture
def recorder_config(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Write at once, with the example or without."""
    chosen = example(request.param)["recorder"] if request.param else {}
    return {"commit_interval": 0, **chosen}


@pytest.mark.parametrize(
    ("recorder_config", "kept"),
    [(None, True), ("recorder", False)],
    indirect=["recorder_config"],
)
async def test_recorder(hass: HomeAssistant, account: Account, kept: bool) -> None:
    """Without it, what an action was asked to send can be read in the database."""
    await account.send("nobody may read this", "Sara")
    await account.settled()
    await async_wait_recording_done(hass)

    def dump() -> str:
        with session_scope(hass=hass, read_only=True) as session:
            return str(session.execute(text(QUERY)).all())

    written = await hass.async_add_executor_job(dump)
    assert ("nobody may read this" in written) is kept
