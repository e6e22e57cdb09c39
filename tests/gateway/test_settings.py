"""The settings of a phone: what is read, what is changed, what is never shown."""

from typing import Any

import pytest

from custom_components.sms_gate.gateway.errors import InvalidPayloadError
from custom_components.sms_gate.gateway.settings import Settings

# As a phone of app 1.75 answers
ANSWER: dict[str, Any] = {
    "encryption": {},
    "gateway": {"cloud_url": "https://example.com", "notification_channel": "AUTO"},
    "messages": {
        "send_interval_min": 0,
        "send_interval_max": None,
        "limit_period": "Per30Minutes",
        "limit_value": 5,
        "sim_selection_mode": "OSDefault",
        "work_hours_enabled": True,
        "work_hours_start": "08:00",
        "work_hours_end": "20:00",
    },
    "ping": {"interval_seconds": 60},
    "logs": {"lifetime_days": 30},
    "webhooks": {"internet_required": False, "retry_count": 15},
}


def test_settings_are_read() -> None:
    """Sections become one object; what is not used here is passed over."""
    assert Settings.from_payload(ANSWER) == Settings(
        ping_interval=60,
        internet_required=False,
        retry_count=15,
        send_interval_min=0,
        limit_period="Per30Minutes",
        limit_value=5,
        work_hours_enabled=True,
        work_hours_start="08:00",
        work_hours_end="20:00",
    )


@pytest.mark.parametrize(
    "answer", [{}, {"ping": None}, {"ping": {}}, {"new": {"a": 1}}]
)
def test_a_server_has_only_what_was_changed(answer: object) -> None:
    """Nothing is set where nobody ever set anything."""
    assert Settings.from_payload(answer) == Settings()


@pytest.mark.parametrize("odd", [5, "60", [], {"interval_seconds": "60"}, True])
def test_an_odd_setting_leaves_the_others_alone(odd: object) -> None:
    """A later app may keep another kind of value there; an unknown word is data."""
    messages = {**ANSWER["messages"], "limit_period": "PerWeek"}
    settings = Settings.from_payload({**ANSWER, "ping": odd, "messages": messages})
    assert (settings.ping_interval, settings.retry_count) == (None, 15)
    assert settings.limit_period == "PerWeek"


@pytest.mark.parametrize("answer", [None, [], "x", 5])
def test_anything_else_is_no_settings(answer: object) -> None:
    """Somebody else answered."""
    with pytest.raises(InvalidPayloadError, match="settings"):
        Settings.from_payload(answer)


def test_a_change_holds_what_is_changed() -> None:
    """False and zero are values, None is none."""
    changes = Settings(
        ping_interval=0, internet_required=False, signing_key="secret", limit_value=0
    )
    assert changes.as_payload() == {
        "ping": {"interval_seconds": 0},
        "webhooks": {"internet_required": False, "signing_key": "secret"},
        "messages": {"limit_value": 0},
    }
    assert Settings().as_payload() == {}


def test_the_key_is_in_no_repr() -> None:
    """Whatever logs settings logs no secret."""
    assert "secret" not in repr(Settings(signing_key="secret", ping_interval=60))
    assert "60" in repr(Settings(ping_interval=60))
