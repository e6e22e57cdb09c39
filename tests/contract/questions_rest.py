"""Questions about phones, settings, inbox and logs."""

from .scenario import Ask, Scenario, Step


def _devices() -> tuple[Scenario, ...]:
    def listed(name: str, path: str = "/devices") -> Ask:
        return Ask(name=name, method="GET", path=path)

    def gone(name: str, path: str) -> Ask:
        return Ask(name=name, method="DELETE", path=f"/devices/{path}")

    return (
        Scenario(
            name="devices one",
            steps=(
                listed("list"),
                listed("singular", "/device"),
                listed("query", "/devices?limit=0&x=y"),
                gone("unknown", "x"),
                gone("long", "a" * 300),
                gone("odd", "%2F"),
                gone("blank", "%20"),
                gone("empty", ""),
                listed("after"),
                gone("one", "<<phone1>>"),
                gone("again", "<<phone1>>"),
                listed("none"),
            ),
        ),
        Scenario(name="devices without SIM", steps=(listed("list"),), sims=False),
    )


_SETTINGS: dict[str, tuple[object, ...]] = {
    "messages": (
        None,
        {},
        [],
        "x",
        5,
        {"send_interval_min": 1},
        {"send_interval_min": 0},
        {"send_interval_min": -1},
        {"send_interval_min": 1.5},
        {"send_interval_min": "1"},
        {"send_interval_min": None},
        {"send_interval_min": 2**63},
        {"send_interval_min": 5, "send_interval_max": 3},
        {"send_interval_min": 3, "send_interval_max": 3},
        {"send_interval_max": 0},
        {"limit_period": "Disabled"},
        {"limit_period": "PerMinute"},
        {"limit_period": "Per30Minutes"},
        {"limit_period": "PerHour"},
        {"limit_period": "PerDay"},
        {"limit_period": "PerWeek"},
        {"limit_period": ""},
        {"limit_period": 5},
        {"limit_value": 0},
        {"limit_value": 100},
        {"sim_selection_mode": "OSDefault"},
        {"sim_selection_mode": "RoundRobin"},
        {"sim_selection_mode": "Random"},
        {"sim_selection_mode": "x"},
        {"log_lifetime_days": 0},
        {"log_lifetime_days": 30},
        {"processing_order": "LIFO"},
        {"processing_order": "FIFO"},
        {"processing_order": "x"},
        {"work_hours_enabled": True},
        {"work_hours_enabled": False},
        {"work_hours_enabled": "x"},
        {"work_hours_enabled": True, "work_hours_start": "08:00"},
        {"work_hours_enabled": True, "work_hours_end": "08:00"},
        {
            "work_hours_enabled": True,
            "work_hours_start": "08:00",
            "work_hours_end": "20:00",
        },
        {
            "work_hours_enabled": True,
            "work_hours_start": "20:00",
            "work_hours_end": "08:00",
        },
        {
            "work_hours_enabled": True,
            "work_hours_start": "8:00",
            "work_hours_end": "20:00",
        },
        {
            "work_hours_enabled": True,
            "work_hours_start": "24:00",
            "work_hours_end": "20:00",
        },
        {
            "work_hours_enabled": True,
            "work_hours_start": "08:00",
            "work_hours_end": "20:60",
        },
        {
            "work_hours_enabled": True,
            "work_hours_start": "08:00",
            "work_hours_end": "x",
        },
        {"work_hours_start": "x"},
        {"work_hours_start": 5},
        {"unknown": 1},
    ),
    "ping": (
        None,
        {},
        {"interval_seconds": 60},
        {"interval_seconds": 0},
        {"interval_seconds": None},
        {"interval_seconds": "x"},
        {"interval_seconds": -5},
    ),
    "logs": (
        {"lifetime_days": 30},
        {"lifetime_days": 0},
        {"lifetime_days": "x"},
    ),
    "webhooks": (
        {"internet_required": True},
        {"internet_required": False},
        {"internet_required": "x"},
        {"internet_required": None},
        {"retry_count": 15},
        {"retry_count": 0},
        {"retry_count": -1},
        {"signing_key": "x"},
        {"signing_key": ""},
        {"signing_key": None},
        {"signing_key": 5},
        {"unknown": "x"},
    ),
    "encryption": (
        {},
        {"passphrase": "x"},
        {"passphrase": ""},
        {"passphrase": None},
    ),
    "gateway": (
        {},
        {"cloud_url": "https://x.example"},
        {"cloud_url": ""},
        {"private_token": "x"},
        {"private_token": ""},
        {"notification_channel": "AUTO"},
        {"notification_channel": "SSE_ONLY"},
        {"notification_channel": "x"},
        {"notification_channel": ""},
    ),
    "receiver": (
        {},
        {"content_provider_enabled": True},
        {"content_provider_enabled": False},
        {"content_provider_enabled": "x"},
    ),
    "unknown": ({}, "x"),
}


def _settings() -> tuple[Scenario, ...]:
    shown = Ask(name="get", method="GET", path="/settings")
    found = [
        Scenario(
            name=f"settings {group}",
            steps=(
                *(
                    Ask(
                        name=f"{number}: {str(value)[:70]}",
                        method="PATCH",
                        path="/settings",
                        body={group: value},
                    )
                    for number, value in enumerate(values)
                ),
                shown,
            ),
        )
        for group, values in _SETTINGS.items()
    ]
    found.append(_settings_life())
    return tuple(found)


def _settings_life() -> Scenario:
    def put(name: str, body: object, method: str = "PUT") -> Ask:
        return Ask(name=name, method=method, path="/settings", body=body)

    def shown(name: str) -> Ask:
        return Ask(name=name, method="GET", path="/settings")

    pause = {"send_interval_min": 1, "send_interval_max": 2}
    several = {"messages": {"limit_value": 5}, "ping": {"interval_seconds": 60}}
    wrong = {"messages": {"limit_value": 0}, "ping": {"interval_seconds": 0}}
    conflict = {"messages": {"send_interval_min": 9}}
    steps: list[Step] = [
        shown("nothing"),
        put("put", several),
        shown("after put"),
        put("patch", {"messages": pause}, "PATCH"),
        shown("after patch"),
        put("null", {"messages": None}, "PATCH"),
        shown("after null"),
        put("null field", {"messages": {"limit_value": None}}, "PATCH"),
        shown("after null field"),
        put("conflict with what is kept", conflict, "PATCH"),
        put("put less", {"logs": {"lifetime_days": 5}}),
        shown("after less"),
        put("put nothing", {}),
        shown("after nothing"),
        put("two wrong", wrong),
    ]
    for method in ("PUT", "PATCH"):
        steps += [
            put(f"{method} list", [], method),
            put(f"{method} text", "x", method),
            Ask(name=f"{method} no body", method=method, path="/settings"),
            Ask(
                name=f"{method} null",
                method=method,
                path="/settings",
                raw="null",
                headers={"Content-Type": "application/json"},
            ),
            Ask(
                name=f"{method} torn",
                method=method,
                path="/settings",
                raw='{"ping":',
                headers={"Content-Type": "application/json"},
            ),
        ]
    return Scenario(name="settings life", steps=tuple(steps))


_SPAN = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
_REFRESHES: dict[str, object] = {
    "good": _SPAN,
    "nothing": {},
    "list": [],
    "no until": {"since": "2026-01-01T00:00:00Z"},
    "no since": {"until": "2026-01-01T00:00:00Z"},
    "null": {"since": None, "until": None},
    "turned": {"since": _SPAN["until"], "until": _SPAN["since"]},
    "equal": {"since": _SPAN["since"], "until": _SPAN["since"]},
    "odd": {"since": "x", "until": "y"},
    "number": {"since": 5, "until": 6},
    "day": {"since": "2026-01-01", "until": "2026-01-02"},
    "offset": {"since": "2026-01-01T00:00:00+03:00", "until": "2026-01-02T00:00:00Z"},
    "zero": {"since": "0001-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"},
    "phone": {**_SPAN, "deviceId": "<<phone1>>"},
    "unknown phone": {**_SPAN, "deviceId": "x"},
    "long phone": {**_SPAN, "deviceId": "a" * 22},
    "phone empty": {**_SPAN, "deviceId": ""},
    "phone number": {**_SPAN, "deviceId": 5},
    "phone null": {**_SPAN, "deviceId": None},
    "types": {**_SPAN, "messageTypes": ["SMS", "MMS"]},
    "types empty": {**_SPAN, "messageTypes": []},
    "types null": {**_SPAN, "messageTypes": None},
    "types data": {**_SPAN, "messageTypes": ["DATA_SMS"]},
    "types lower": {**_SPAN, "messageTypes": ["sms"]},
    "types text": {**_SPAN, "messageTypes": "SMS"},
    "types number": {**_SPAN, "messageTypes": [5]},
    "types second wrong": {**_SPAN, "messageTypes": ["SMS", "x"]},
    "trigger": {**_SPAN, "triggerWebhooks": True},
    "trigger text": {**_SPAN, "triggerWebhooks": "true"},
    "delivery": {**_SPAN, "webhookDelivery": "Individual"},
    "batch": {**_SPAN, "webhookDelivery": "Batch"},
    "disabled": {**_SPAN, "webhookDelivery": "Disabled"},
    "delivery lower": {**_SPAN, "webhookDelivery": "batch"},
    "delivery odd": {**_SPAN, "webhookDelivery": "x"},
    "delivery empty": {**_SPAN, "webhookDelivery": ""},
    "delivery number": {**_SPAN, "webhookDelivery": 1},
    "unknown field": {**_SPAN, "foo": 1},
}


def _inbox() -> tuple[Scenario, ...]:
    found = [
        Scenario(
            name=f"inbox {name}",
            steps=tuple(
                Ask(name=title, method="POST", path=path, body=body)
                for title, body in _REFRESHES.items()
            ),
        )
        for name, path in (
            ("refresh", "/inbox/refresh"),
            ("export", "/messages/inbox/export"),
        )
    ]
    queries = ("", "?limit=0", "?type=x", "?from=x", "?deviceId=x")
    found.append(
        Scenario(
            name="inbox and logs",
            steps=tuple(
                Ask(name=f"{path}{query}", method="GET", path=f"{path}{query}")
                for path in ("/inbox", "/logs")
                for query in queries
            ),
        )
    )
    return tuple(found)


REST: tuple[Scenario, ...] = (
    *_devices(),
    *_settings(),
    *_inbox(),
)
