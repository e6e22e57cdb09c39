"""Questions about messages that were accepted."""

from .questions_send import DATA, GOOD, NUMBER, post
from .scenario import Ask, Report, Scenario, Step

OTHER = "+966590042735"
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


def _repeats() -> tuple[Scenario, Scenario]:
    steps: list[Step] = [
        post(f"{number}: {message_id!r}", GOOD | {"id": message_id})
        for number, message_id in enumerate(
            ("Abc", "Abc", "abc", "ABC", "abc ", "äbc", "abcd", "àbc", " abc")
        )
    ]
    steps += [
        post(
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
        post("post", GOOD | {"id": "MixedCase"}),
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
        post("first", GOOD | {"id": "first"}),
        post("second", {**GOOD, "id": "second", "phoneNumbers": [NUMBER, OTHER]}),
        post("third", {"id": "third", "dataMessage": DATA, "phoneNumbers": [OTHER]}),
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
    steps: list[Step] = [post("post", GOOD | {"id": "Life"} | fields)]
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
        post("post", GOOD | {"id": "Life"}),
        Ask(name="cancel", method="DELETE", path="/messages/Life"),
        Ask(name="while cancelling", method="GET", path="/messages/Life"),
        _report("Cancelled", (NUMBER, "Cancelled", None)),
        Ask(name="cancelled", method="GET", path="/messages/Life"),
        Ask(name="again", method="DELETE", path="/messages/Life"),
        Ask(name="list", method="GET", path="/messages?state=Cancelled"),
        post("same id", GOOD | {"id": "life"}),
    )
    return Scenario(name="message cancelling", steps=steps)


def _phones() -> tuple[Scenario, ...]:
    return (
        Scenario(
            name="message without phones",
            steps=(
                Ask(name="remove", method="DELETE", path="/devices/<<phone1>>"),
                post("post", GOOD),
                post("to a phone", GOOD | {"deviceId": "<<phone1>>"}),
                post("active", GOOD, "?deviceActiveWithin=1"),
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
                post("post", GOOD | {"id": "one", "deviceId": "<<phone1>>"}),
                post("post two", GOOD | {"id": "two", "deviceId": "<<phone2>>"}),
                Ask(name="list", method="GET", path="/messages"),
                Ask(name="of two", method="GET", path="/messages?deviceId=<<phone2>>"),
                Ask(name="remove", method="DELETE", path="/devices/<<phone2>>"),
                Ask(name="remove again", method="DELETE", path="/devices/<<phone2>>"),
                Ask(name="list after", method="GET", path="/messages"),
                Ask(name="get after", method="GET", path="/messages/two"),
                Ask(name="cancel after", method="DELETE", path="/messages/two"),
                Ask(name="devices", method="GET", path="/devices"),
                post("to the gone", GOOD | {"deviceId": "<<phone2>>"}),
            ),
        ),
    )


MESSAGES: tuple[Scenario, ...] = (
    *_repeats(),
    _ids(),
    _lists(),
    *_lives(),
    _cancelling(),
    *_phones(),
)
