"""Questions about messages."""

from .scenario import Ask, Report, Scenario, Step

NUMBER = "+966590042734"
OTHER = "+966590042735"
GOOD: dict[str, object] = {
    "textMessage": {"text": "hello"},
    "phoneNumbers": [NUMBER],
}
_DATA = {"data": "aGVsbG8=", "port": 53739}

# One field changed or added at a time
_FIELDS: dict[str, tuple[object, ...]] = {
    "id": (
        None,
        "",
        "x",
        "a" * 36,
        "a" * 37,
        "é",
        "ü" * 36,
        5,
        True,
        [],
        {},
        "a b",
        " ",
    ),
    "deviceId": (
        None,
        "",
        "x",
        "<<phone1>>",
        "a" * 21,
        "a" * 22,
        5,
        False,
        ["x"],
    ),
    "message": (None, "", "hello", 5, {}),
    "textMessage": (
        None,
        "hello",
        5,
        [],
        {},
        {"text": None},
        {"text": ""},
        {"text": 5},
        {"text": ["x"]},
        {"text": " "},
        {"text": "a", "foo": 1},
        {"TEXT": "upper"},
        {"text": "😀 é\u0000 <&>"},
        {"text": "a" * 1000},
        {"text": "a" * 65535},
        {"text": "a" * 65536},
        {"text": "ش" * 30000},
        {"text": "ش" * 33000},
        {"text": "<" * 11000},
        {"text": "<" * 10000},
        {"text": "\n" * 33000},
        {"text": "\u2028" * 11000},
        {"text": "😀" * 17000},
    ),
    "dataMessage": (
        None,
        {},
        "x",
        _DATA,
    ),
    "phoneNumbers": (
        None,
        [],
        "",
        NUMBER,
        {},
        [""],
        [" "],
        [None],
        [5],
        ["a"],
        ["a" * 128],
        ["a" * 129],
        [["x"]],
        ["966590042734"],
        ["00966590042734"],
        ["0590042734"],
        ["89161234567"],
        ["9161234567"],
        ["+79161234567"],
        ["+7 (916) 123-45-67"],
        ["+966 59 004 2734"],
        ["+966-59-004-2734"],
        ["+966112345678"],
        ["+12125550100"],
        ["+12015550123"],
        ["112"],
        ["+1"],
        ["8"],
        ["12"],
        ["810"],
        ["810966590042734"],
        ["1" * 18],
        ["+" + "1" * 30],
        ["9" * 128],
        ["+9665900427341"],
        ["+96659004273"],
        ["++966590042734"],
        ["+966590042734x5"],
        ["tel:+966590042734"],
        ["٠٥٩٠٠٤٢٧٣٤"],
        ["+٩٦٦٥٩٠٠٤٢٧٣٤"],
        ["+999123456789"],
        ["+4915123456789"],
        ["+441234567890"],
        ["+447400123456"],
        [NUMBER, NUMBER],
        [NUMBER, "966590042734"],
        [NUMBER, "+966 590042734"],
        [NUMBER, "bad"],
        ["bad", NUMBER],
        [NUMBER, ""],
        [NUMBER] * 101,
        [f"+96659004{i:04d}" for i in range(100)],
        [f"+96659004{i:04d}" for i in range(101)],
    ),
    "isEncrypted": (None, True, False, "true", 1, {}),
    "simNumber": (None, 0, 1, 2, 3, 4, -1, 255, 256, 1.0, 1.5, "1", True, 10**30, []),
    "withDeliveryReport": (None, True, False, "x", 0),
    "priority": (None, 0, 100, 127, 128, -128, -129, 1.5, "5", 10**30, True),
    "ttl": (None, 0, 4, 5, -1, 86400, 1.5, "5", 2**63, 2**64, True, {}),
    "validUntil": (
        None,
        "",
        "x",
        5,
        "2020-01-01T00:00:00Z",
        "<<now+60>>",
        "2030-01-01T00:00:00",
        "2030-01-01 00:00:00Z",
        "2030-01-01",
        "2030-01-01T00:00:00+03:00",
        "2030-01-01T00:00:00+0300",
        "2030-01-01T00:00:00.123456789Z",
        "2030-01-01T00:00:00.1Z",
        "2030-01-01T00:00:00,5Z",
        "2030-13-01T00:00:00Z",
        "2030-02-30T00:00:00Z",
        "2030-01-01T24:00:00Z",
        "2030-01-01T00:60:00Z",
        "2030-01-01T00:00:60Z",
        "2030-01-01T0:00:00Z",
        "2030-01-01T00:00:00z",
        "2030-01-01t00:00:00Z",
        "2030-01-01T00:00:00+24:00",
        "2030-01-01T00:00:00+23:60",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "1969-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2030-01-01T00:00:00Z ",
        " 2030-01-01T00:00:00Z",
        "2030-01-01T00:00:00+-5:00",
        {},
        [],
    ),
    "scheduleAt": (
        None,
        "",
        "x",
        5,
        "2020-01-01T00:00:00Z",
        "<<now-1>>",
        "<<now+3600>>",
        "2030-01-01T00:00:00+03:00",
        "2030-01-01T00:00:00.5Z",
        "9999-12-31T23:59:59Z",
        "10000-01-01T00:00:00Z",
        "2030-01-01",
    ),
    "mmsMessage": ({"text": "hello"},),
    "unknown": ("x", None),
    "TEXTMESSAGE": ({"text": "upper"},),
}

_BODIES: dict[str, object] = {
    "no content": {"phoneNumbers": [NUMBER]},
    "no numbers": {"textMessage": {"text": "x"}},
    "nothing": {},
    "message": {"message": "hello", "phoneNumbers": [NUMBER]},
    "message long": {"message": "a" * 65536, "phoneNumbers": [NUMBER]},
    "message upper": {"Message": "hello", "PHONENUMBERS": [NUMBER]},
    "data": {"dataMessage": _DATA, "phoneNumbers": [NUMBER]},
    "data and text": {**GOOD, "dataMessage": _DATA},
    "message and text": {**GOOD, "message": "x"},
    "all three": {**GOOD, "dataMessage": _DATA, "message": "x"},
    "message and data": {
        "message": "x",
        "dataMessage": _DATA,
        "phoneNumbers": [NUMBER],
    },
    "mms alone": {"mmsMessage": {"text": "x"}, "phoneNumbers": [NUMBER]},
    "ttl and validUntil": {**GOOD, "ttl": 60, "validUntil": "2030-01-01T00:00:00Z"},
    "schedule after end": {
        **GOOD,
        "scheduleAt": "2031-01-01T00:00:00Z",
        "validUntil": "2030-01-01T00:00:00Z",
    },
    "schedule at end": {
        **GOOD,
        "scheduleAt": "2030-01-01T00:00:00Z",
        "validUntil": "2030-01-01T00:00:00Z",
    },
    "schedule after ttl": {**GOOD, "scheduleAt": "2030-01-01T00:00:00Z", "ttl": 5},
    "many faults": {"id": "a" * 40, "simNumber": 9, "ttl": 1, "phoneNumbers": [""]},
    "faults of all kinds": {"id": 5, "ttl": "x", "phoneNumbers": 5},
    "encrypted": {
        "isEncrypted": True,
        "textMessage": {"text": "$aes-256-cbc/pbkdf2-sha1$i=300000$x$y"},
        "phoneNumbers": ["$aes-256-cbc/pbkdf2-sha1$i=300000$x$z"],
    },
    "encrypted twice": {
        "isEncrypted": True,
        "textMessage": {"text": "x"},
        "phoneNumbers": ["y", "y"],
    },
    "list": [],
    "list of one": [GOOD],
    "text": "x",
    "number": 5,
    "true": True,
}

_DATA_PARTS: dict[str, object] = {
    "port 0": {"data": "aGVsbG8=", "port": 0},
    "port 65536": {"data": "aGVsbG8=", "port": 65536},
    "port 65535": {"data": "aGVsbG8=", "port": 65535},
    "port 1": {"data": "aGVsbG8=", "port": 1},
    "port -1": {"data": "aGVsbG8=", "port": -1},
    "port text": {"data": "aGVsbG8=", "port": "53739"},
    "port fraction": {"data": "aGVsbG8=", "port": 1.5},
    "no port": {"data": "aGVsbG8="},
    "no data": {"port": 5},
    "data empty": {"data": "", "port": 5},
    "data short": {"data": "aa", "port": 5},
    "data no base64": {"data": "a%%%", "port": 5},
    "data unpadded": {"data": "aGVsbG8", "port": 5},
    "data urlsafe": {"data": "aGVs-_8=", "port": 5},
    "data blank": {"data": "aGVs bG8=", "port": 5},
    "data newline": {"data": "aGVs\nbG8=", "port": 5},
    "data number": {"data": 5, "port": 5},
    "data long": {"data": "aGVs" * 16383, "port": 5},
    "data longer": {"data": "aGVs" * 16384, "port": 5},
}

_RAW: dict[str, str | bytes] = {
    "empty": "",
    "blank": " ",
    "brace": "{",
    "unclosed": '{"textMessage": {"text": "x"}',
    "comma": '{"textMessage": {"text": "x"},}',
    "single quotes": "{'a': 1}",
    "no quotes": "{a: 1}",
    "word": "hello",
    "null": "null",
    "nan": "NaN",
    "true": "true",
    "tru": "tru",
    "two": "{}{}",
    "after": "{} x",
    "bom": b"\xef\xbb\xbf{}",
    "bad utf-8": b'{"textMessage": {"text": "a\xff"}, "phoneNumbers": ["+966590042734"]}',
    "torn pair": (
        '{"textMessage": {"text": "a\\ud800"}, "phoneNumbers": ["+966590042734"]}'
    ),
    "pair": (
        '{"textMessage": {"text": "a\\ud83d\\ude00"}, "phoneNumbers": ["+966590042734"]}'
    ),
    "bad escape": '{"message": "a\\x"}',
    "control": '{"message": "a\nb", "phoneNumbers": ["+966590042734"]}',
    "twice the same key": (
        '{"message": "a", "message": "b", "phoneNumbers": ["+966590042734"]}'
    ),
    "leading zero": '{"ttl": 05}',
    "plus": '{"ttl": +5}',
    "hex": '{"ttl": 0x5}',
    "exponent": ('{"ttl": 5e2, "message": "a", "phoneNumbers": ["+966590042734"]}'),
    "minus": '{"ttl": -}',
    "dot": '{"ttl": 5.}',
    "deep": "[" * 11000,
    "colon": '{"a" 1}',
    "key": "{1: 1}",
    "comment": "{} // x",
    "array comma": '{"phoneNumbers": ["+966590042734",]}',
}

_TYPES: dict[str, str] = {
    "text": "text/plain",
    "json utf-8": "application/json; charset=utf-8",
    "json latin": "application/json; charset=latin-1",
    "problem json": "application/problem+json",
    "upper": "Application/JSON",
    "text json": "text/json",
    "octets": "application/octet-stream",
    "xml": "application/xml",
    "text xml": "text/xml",
    "empty": "",
    "nonsense": "nonsense",
}

_SEND_QUERIES = (
    "skipPhoneValidation=true",
    "skipPhoneValidation=false",
    "skipPhoneValidation=1",
    "skipPhoneValidation=0",
    "skipPhoneValidation=yes",
    "skipPhoneValidation=on",
    "skipPhoneValidation=TRUE",
    "skipPhoneValidation=",
    "skipPhoneValidation",
    "skipphonevalidation=true",
    "skipPhoneValidation=true&skipPhoneValidation=false",
    "deviceActiveWithin=1",
    "deviceActiveWithin=0",
    "deviceActiveWithin=-1",
    "deviceActiveWithin=x",
    "deviceActiveWithin=1.5",
    "deviceActiveWithin=",
    "deviceActiveWithin=2147483647",
    "deviceActiveWithin=2147483648",
    "deviceActiveWithin=9223372036854775808",
    "unknown=1",
)

_LIST_QUERIES = (
    "",
    "limit=1",
    "limit=0",
    "limit=-1",
    "limit=100",
    "limit=101",
    "limit=x",
    "limit=",
    "limit",
    "limit=1.5",
    "limit=%201",
    "limit=+1",
    "limit=01",
    "limit=0x10",
    "limit=1_0",
    "limit=99999999999999999999",
    "limit=1&limit=2",
    "Limit=1",
    "offset=0",
    "offset=1",
    "offset=-1",
    "offset=",
    "offset=x",
    "offset=1000",
    "offset=99999999999999999999",
    "offset=9223372036854775807",
    "limit=1&offset=1",
    "state=Pending",
    "state=Sent",
    "state=Delivered",
    "state=Cancelling",
    "state=pending",
    "state=Nothing",
    "state=",
    "state=Pending&state=Sent",
    "deviceId=<<phone1>>",
    "deviceId=aaaaaaaaaaaaaaaaaaaaa",
    "deviceId=x",
    "deviceId=",
    "includeContent=true",
    "includeContent=false",
    "includeContent=1",
    "includeContent=yes",
    "includeContent=",
    "sort=created_at",
    "sort=-created_at",
    "sort=+created_at",
    "sort=created_at,id",
    "sort=id",
    "sort=",
    "from=2020-01-01T00:00:00Z",
    "from=2040-01-01T00:00:00Z",
    "to=2020-01-01T00:00:00Z",
    "to=2040-01-01T00:00:00Z",
    "from=2040-01-01T00:00:00Z&to=2020-01-01T00:00:00Z",
    "from=2020-01-01T00:00:00.123Z",
    "from=2020-01-01T00:00:00%2B03:00",
    "from=2020-01-01T00:00:00+03:00",
    "from=2020-01-01",
    "from=2020-01-01%2000:00:00",
    "from=x",
    "from=",
    "from",
    "to=",
    "to=x",
    "limit=0&state=x&sort=y",
    "from=1577836800",
    "from=2020-13-01T00:00:00Z",
    "from=0000-01-01T00:00:00Z",
    "from=9999-12-31T23:59:59Z",
    "unknown=1",
    "%zz=1",
    "limit=%zz",
    "limit=1;offset=2",
)

_IDS = (
    "x",
    "<<id>>",
    "<<upper>>",
    "%20",
    "%2F",
    "a%2Fb",
    "a%3Fb",
    "a%23b",
    "a%25b",
    "%C3%A9",
    "%FF",
    "a" * 36,
    "a" * 300,
    "..",
    ".",
    "%2e%2e",
    "inbox",
    "%00",
    "a+b",
    "a;b",
    "*",
    "null",
)


def _post(name: str, body: object, query: str = "") -> Ask:
    return Ask(name=name, method="POST", path=f"/messages{query}", body=body)


def _name(value: object) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:40]}… {len(text)}"


def _fields() -> tuple[Scenario, ...]:
    return tuple(
        Scenario(
            name=f"message {field}",
            steps=tuple(
                _post(f"{number}: {_name(value)}", GOOD | {field: value})
                for number, value in enumerate(values)
            ),
        )
        for field, values in _FIELDS.items()
    )


def _bodies() -> Scenario:
    steps = [_post(name, body) for name, body in _BODIES.items()]
    steps += [
        _post(name, {"dataMessage": part, "phoneNumbers": [NUMBER]})
        for name, part in _DATA_PARTS.items()
    ]
    return Scenario(name="message bodies", steps=tuple(steps))


def _raw() -> Scenario:
    json_type = {"Content-Type": "application/json"}
    steps = [
        Ask(name=name, method="POST", path="/messages", raw=raw, headers=json_type)
        for name, raw in _RAW.items()
    ]
    good = '{"message": "hello", "phoneNumbers": ["+966590042734"]}'
    steps += [
        Ask(
            name=f"type {name}",
            method="POST",
            path="/messages",
            raw=good,
            headers={"Content-Type": content_type},
        )
        for name, content_type in _TYPES.items()
    ]
    steps.append(Ask(name="no type", method="POST", path="/messages", raw=good))
    steps.append(Ask(name="no body, no type", method="POST", path="/messages"))
    return Scenario(name="message raw", steps=tuple(steps))


def _queries() -> Scenario:
    steps = [_post(query, GOOD, f"?{query}") for query in _SEND_QUERIES]
    skip = "?skipPhoneValidation=true"
    numbers = (["0590042734"], ["112"], ["*100#"], ["abc"], [""], [" "], ["a", "a"])
    steps += [
        _post(f"skip {numbers}", GOOD | {"phoneNumbers": numbers}, skip)
        for numbers in numbers
    ]
    steps += [
        _post(
            f"{query} and a phone",
            GOOD | {"deviceId": "<<phone1>>"},
            f"?{query}",
        )
        for query in ("deviceActiveWithin=1", "deviceActiveWithin=2147483647")
    ]
    return Scenario(name="message queries", steps=tuple(steps))


def _repeats() -> tuple[Scenario, Scenario]:
    steps: list[Step] = [
        _post(f"{number}: {message_id!r}", GOOD | {"id": message_id})
        for number, message_id in enumerate(
            ("Abc", "Abc", "abc", "ABC", "abc ", "äbc", "abcd", "àbc", " abc")
        )
    ]
    steps += [
        _post(
            f"on the second phone {number}",
            GOOD | {"id": "Xyz", "deviceId": f"<<phone{number}>>"},
        )
        for number in (1, 2)
    ]
    steps += [
        Ask(name="get on both", method="GET", path="/messages/Xyz"),
        Ask(name="cancel on both", method="DELETE", path="/messages/Xyz"),
    ]
    return Scenario(name="message repeats", steps=tuple(steps[:9]), phones=1), Scenario(
        name="message on two phones", steps=tuple(steps[9:]), phones=2
    )


def _ids() -> Scenario:
    steps: list[Step] = [
        _post("post", GOOD | {"id": "MixedCase"}),
    ]
    for method in ("GET", "DELETE"):
        for number, item in enumerate(_IDS):
            path = item.replace("<<id>>", "MixedCase").replace("<<upper>>", "MIXEDCASE")
            steps.append(
                Ask(
                    name=f"{method} {number}: {path[:40]}",
                    method=method,
                    path=f"/messages/{path}",
                )
            )
    steps += [
        Ask(name="after", method="GET", path="/messages/MixedCase"),
        Ask(name="after lower", method="GET", path="/messages/mixedcase"),
        Ask(name="list", method="GET", path="/messages"),
        Ask(name="slash", method="GET", path="/messages/MixedCase/"),
        Ask(name="singular", method="GET", path="/message/MixedCase"),
    ]
    return Scenario(name="message ids", steps=tuple(steps))


def _lists() -> Scenario:
    steps: list[Step] = [
        _post("first", GOOD | {"id": "first"}),
        _post("second", {**GOOD, "id": "second", "phoneNumbers": [NUMBER, OTHER]}),
        _post("third", {"id": "third", "dataMessage": _DATA, "phoneNumbers": [OTHER]}),
    ]
    steps += [
        Ask(
            name=f"{number}: {query}",
            method="GET",
            path=f"/messages?{query}" if query else "/messages",
        )
        for number, query in enumerate(_LIST_QUERIES)
    ]
    return Scenario(name="message lists", steps=tuple(steps))


_SENT = {
    "Processed": "2026-07-01T12:00:00.100+03:00",
    "Sent": "2026-07-01T12:00:01+03:00",
}


def _life(name: str, reports: tuple[Report, ...], **fields: object) -> Scenario:
    steps: list[Step] = [_post("post", GOOD | {"id": "Life"} | fields)]
    for number, report in enumerate(reports):
        steps += [
            report,
            Ask(name=f"get {number}", method="GET", path="/messages/Life"),
            Ask(name=f"get {number} lower", method="GET", path="/messages/life"),
            Ask(
                name=f"list {number}",
                method="GET",
                path="/messages?includeContent=true",
            ),
        ]
    steps += [
        Ask(name="cancel", method="DELETE", path="/messages/Life"),
        Ask(name="cancel again", method="DELETE", path="/messages/Life"),
        Ask(name="cancel lower", method="DELETE", path="/messages/life"),
        Ask(name="get", method="GET", path="/messages/Life"),
        Ask(name="list", method="GET", path="/messages"),
        Ask(name="list cancelling", method="GET", path="/messages?state=Cancelling"),
    ]
    return Scenario(name=f"message life {name}", steps=tuple(steps))


def _report(
    state: str,
    *recipients: tuple[str, str, str | None],
    states: dict[str, str] | None = None,
    message: str = "Life",
) -> Report:
    return Report(
        message=message,
        state=state,
        recipients=recipients or ((NUMBER, state, None),),
        states=states or {state: "2026-07-01T12:00:00.120+03:00"},
    )


def _lives() -> tuple[Scenario, ...]:
    both = {"phoneNumbers": [NUMBER, OTHER]}
    later = {"scheduleAt": "<<now+3600>>"}
    return (
        _life("untouched", ()),
        _life("fetched", (_report("Pending"),)),
        _life("scheduled and fetched", (_report("Pending"),), **later),
        _life("sent", (_report("Processed"), _report("Sent", states=_SENT))),
        _life(
            "delivered",
            (_report("Sent", states=_SENT), _report("Delivered")),
        ),
        _life("failed", (_report("Failed", (NUMBER, "Failed", "no service")),)),
        _life(
            "half failed",
            (
                _report(
                    "Sent",
                    (NUMBER, "Sent", None),
                    (OTHER, "Failed", "Send result: RESULT_ERROR_NO_SERVICE"),
                ),
            ),
            **both,
        ),
        _life("number without plus", (_report("Sent", (NUMBER[1:], "Sent", None)),)),
        _life("other number", (_report("Sent", ("+1555", "Sent", None)),)),
        _life("id in another case", (_report("Sent", message="LIFE"),)),
        _life("unknown id", (_report("Sent", message="nobody"),)),
        _life("cancelled by the phone", (_report("Cancelled"),)),
        _life(
            "times in UTC",
            (_report("Sent", states={"Sent": "2026-07-01T12:00:00.000Z"}),),
        ),
        _life("back to pending", (_report("Sent"), _report("Pending"))),
    )


def _cancelling() -> Scenario:
    steps: tuple[Step, ...] = (
        _post("post", GOOD | {"id": "Life"}),
        Ask(name="cancel", method="DELETE", path="/messages/Life"),
        Ask(name="while cancelling", method="GET", path="/messages/Life"),
        _report("Cancelled", (NUMBER, "Cancelled", None)),
        Ask(name="cancelled", method="GET", path="/messages/Life"),
        Ask(name="again", method="DELETE", path="/messages/Life"),
        Ask(name="list", method="GET", path="/messages?state=Cancelled"),
        _post("same id", GOOD | {"id": "life"}),
    )
    return Scenario(name="message cancelling", steps=steps)


def _phones() -> tuple[Scenario, ...]:
    return (
        Scenario(
            name="message without phones",
            steps=(
                Ask(name="remove", method="DELETE", path="/devices/<<phone1>>"),
                _post("post", GOOD),
                _post("to a phone", GOOD | {"deviceId": "<<phone1>>"}),
                _post("active", GOOD, "?deviceActiveWithin=1"),
                Ask(name="devices", method="GET", path="/devices"),
                Ask(name="list", method="GET", path="/messages"),
                Ask(
                    name="webhook",
                    method="POST",
                    path="/webhooks",
                    body={
                        "url": "https://a.example/x",
                        "event": "sms:received",
                        "deviceId": "<<phone1>>",
                    },
                ),
            ),
        ),
        Scenario(
            name="message and a phone that goes",
            phones=2,
            steps=(
                _post("post", GOOD | {"id": "one", "deviceId": "<<phone1>>"}),
                _post("post two", GOOD | {"id": "two", "deviceId": "<<phone2>>"}),
                Ask(name="list", method="GET", path="/messages"),
                Ask(name="of two", method="GET", path="/messages?deviceId=<<phone2>>"),
                Ask(name="remove", method="DELETE", path="/devices/<<phone2>>"),
                Ask(name="remove again", method="DELETE", path="/devices/<<phone2>>"),
                Ask(name="list after", method="GET", path="/messages"),
                Ask(name="get after", method="GET", path="/messages/two"),
                Ask(name="cancel after", method="DELETE", path="/messages/two"),
                Ask(name="devices", method="GET", path="/devices"),
                _post("to the gone", GOOD | {"deviceId": "<<phone2>>"}),
            ),
        ),
    )


MESSAGES: tuple[Scenario, ...] = (
    *_fields(),
    _bodies(),
    _raw(),
    _queries(),
    *_repeats(),
    _ids(),
    _lists(),
    *_lives(),
    _cancelling(),
    *_phones(),
)
