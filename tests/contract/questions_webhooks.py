"""Questions about webhooks."""

from .scenario import Ask, Scenario, Step

_URL = "https://a.example/x"
_EVENTS = (
    "sms:received",
    "sms:data-received",
    "sms:sent",
    "sms:delivered",
    "sms:failed",
    "sms:cancelled",
    "mms:received",
    "mms:downloaded",
    "system:ping",
    "app:started",
    "sms:batch:received",
    "sms:batch:data-received",
    "mms:batch:received",
    "mms:batch:downloaded",
    "SMS:RECEIVED",
    "sms:received ",
    "mms:sent",
    "nothing",
    "",
)
_URLS: tuple[object, ...] = (
    None,
    "",
    " ",
    "x",
    5,
    [],
    "https://",
    "https:///x",
    "https:x",
    "https://a",
    "HTTPS://A.example/",
    "Https://a.example",
    "http://a.example/x",
    "http://127.0.0.1/x",
    "http://localhost:8123/x",
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://[::1/x",
    "https://a.example:8443/x?y=z#f",
    "https://a.example:0/x",
    "https://a.example:70000/x",
    "https://a.example:port/x",
    "https://user:pass@a.example/x",
    "https://a.example/a b",
    "https://a b.example/",
    " https://a.example/",
    "https://a.example/ ",
    "https://a.example/%zz",
    "https://a.example/%20",
    "https://a.example/é",
    "https://é.example/",
    "https://a_b.example/",
    "https://-a.example/",
    "https://a..example/",
    "https://.example/",
    "https://a.example./x",
    "https://?x",
    "https://#x",
    "https://:443/x",
    "https://%41.example/",
    "https://a.example\\x",
    "https://a.example/\n",
    "https://a.example/\t",
    "https://a.example/<x>",
    'https://a.example/"x"',
    "ftp://a.example/x",
    "javascript:alert(1)",
    "//a.example/x",
    "a.example/x",
    "https://a.example/" + "x" * 237,
    "https://a.example/" + "x" * 238,
    "https://a.example/" + "x" * 239,
    "https://a.example/" + "x" * 2000,
)
_HOOKS: dict[str, object] = {
    "nothing": {},
    "no object": [],
    "text": "x",
    "no url": {"event": "sms:received"},
    "no event": {"url": _URL},
    "event null": {"url": _URL, "event": None},
    "event number": {"url": _URL, "event": 5},
    "event list": {"url": _URL, "event": ["sms:received"]},
    "unknown field": {"url": _URL, "event": "sms:sent", "id": "x", "source": "x"},
    "upper fields": {"URL": _URL, "EVENT": "sms:received", "ID": "upper"},
    "both wrong": {"url": "http://a.example", "event": "nothing"},
    "all wrong": {"url": "x", "event": "", "id": "a" * 37, "deviceId": "a" * 22},
}
_HOOK_IDS: tuple[object, ...] = (
    "x",
    "a" * 36,
    "a" * 37,
    "é" * 36,
    5,
    {},
    "a b",
    "a/b",
    " ",
)
_HOOK_DEVICES: tuple[object, ...] = (
    None,
    "",
    "<<phone1>>",
    "x",
    "a" * 21,
    "a" * 22,
    5,
)


def _hook(name: str, **fields: object) -> Ask:
    body = {"url": _URL, "event": "sms:received"} | fields
    return Ask(name=name, method="POST", path="/webhooks", body=body)


def _webhooks() -> tuple[Scenario, ...]:
    listed = Ask(name="list", method="GET", path="/webhooks")
    tables: dict[str, tuple[Step, ...]] = {
        "events": tuple(
            _hook(f"{event!r}", event=event, id=f"e{number}")
            for number, event in enumerate(_EVENTS)
        ),
        "urls": tuple(
            _hook(f"{number}: {str(url)[:40]!r}", url=url, id=f"u{number}")
            for number, url in enumerate(_URLS)
        ),
        "bodies": tuple(
            Ask(name=name, method="POST", path="/webhooks", body=body)
            for name, body in _HOOKS.items()
        ),
        "ids": tuple(
            _hook(f"{number}: {value!r}", id=value)
            for number, value in enumerate(_HOOK_IDS)
        ),
        "devices": tuple(
            _hook(f"{number}: {value!r}", deviceId=value, id=f"d{number}")
            for number, value in enumerate(_HOOK_DEVICES)
        ),
    }
    drawn = (_hook("null", id=None), _hook("empty", id=""))
    return (
        Scenario(name="webhook drawn ids", steps=drawn),
        *(
            Scenario(name=f"webhook {name}", steps=(*steps, listed))
            for name, steps in tables.items()
        ),
    )


def _webhook_life() -> Scenario:
    def listed(name: str) -> Ask:
        return Ask(name=name, method="GET", path="/webhooks")

    def gone(name: str, path: str) -> Ask:
        return Ask(name=name, method="DELETE", path=f"/webhooks/{path}")

    raw = Ask(
        name="empty body",
        method="POST",
        path="/webhooks",
        headers={"Content-Type": "application/json"},
        raw="",
    )
    steps: tuple[Step, ...] = (
        listed("none"),
        _hook("first", id="Hook"),
        _hook("the same", id="Hook", event="sms:sent"),
        listed("replaced"),
        _hook("in another case", id="HOOK", event="sms:failed"),
        listed("another case"),
        _hook("to one phone", id="Hook", deviceId="<<phone1>>"),
        _hook("to all again", id="Hook"),
        listed("to all"),
        gone("unknown", "x"),
        gone("in lower case", "hook"),
        listed("after"),
        gone("first gone", "Hook"),
        gone("gone again", "Hook"),
        gone("odd", "%2F"),
        gone("blank", "%20"),
        gone("long", "a" * 300),
        listed("empty"),
        _hook("blank after", id="Blank "),
        gone("blank after gone", "Blank"),
        listed("after the blank"),
        _hook("of a phone", id="phone", deviceId="<<phone1>>"),
        Ask(name="remove the phone", method="DELETE", path="/devices/<<phone1>>"),
        listed("without its phone"),
        raw,
    )
    return Scenario(name="webhook life", steps=steps)


WEBHOOKS: tuple[Scenario, ...] = (*_webhooks(), _webhook_life())
