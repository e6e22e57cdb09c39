"""Questions about messages that are to be sent."""

from .scenario import Ask, Scenario

NUMBER = "+966590042734"
GOOD: dict[str, object] = {
    "textMessage": {"text": "hello"},
    "phoneNumbers": [NUMBER],
}
DATA = {"data": "aGVsbG8=", "port": 53739}

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
        DATA,
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
    "data": {"dataMessage": DATA, "phoneNumbers": [NUMBER]},
    "data and text": {**GOOD, "dataMessage": DATA},
    "message and text": {**GOOD, "message": "x"},
    "all three": {**GOOD, "dataMessage": DATA, "message": "x"},
    "message and data": {
        "message": "x",
        "dataMessage": DATA,
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


def post(name: str, body: object, query: str = "") -> Ask:
    return Ask(name=name, method="POST", path=f"/messages{query}", body=body)


def _name(value: object) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:40]}… {len(text)}"


def _fields() -> tuple[Scenario, ...]:
    return tuple(
        Scenario(
            name=f"message {field}",
            steps=tuple(
                post(f"{number}: {_name(value)}", GOOD | {field: value})
                for number, value in enumerate(values)
            ),
        )
        for field, values in _FIELDS.items()
    )


def _bodies() -> Scenario:
    steps = [post(name, body) for name, body in _BODIES.items()]
    steps += [
        post(name, {"dataMessage": part, "phoneNumbers": [NUMBER]})
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
    steps = [post(query, GOOD, f"?{query}") for query in _SEND_QUERIES]
    skip = "?skipPhoneValidation=true"
    numbers = (["0590042734"], ["112"], ["*100#"], ["abc"], [""], [" "], ["a", "a"])
    steps += [
        post(f"skip {numbers}", GOOD | {"phoneNumbers": numbers}, skip)
        for numbers in numbers
    ]
    steps += [
        post(
            f"{query} and a phone",
            GOOD | {"deviceId": "<<phone1>>"},
            f"?{query}",
        )
        for query in ("deviceActiveWithin=1", "deviceActiveWithin=2147483647")
    ]
    return Scenario(name="message queries", steps=tuple(steps))


SENDING: tuple[Scenario, ...] = (*_fields(), _bodies(), _raw(), _queries())
