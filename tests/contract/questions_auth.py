"""Questions about logins, tokens, paths and health."""

import base64

from .scenario import Ask, Scenario, Step


def _basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


_LOGINS: dict[str, str | None] = {
    "none": None,
    "empty": "",
    "word": "basic",
    "blank": "Basic ",
    "no base64": "Basic %%%",
    "no colon": _basic("nobody"),
    "unknown": _basic("nobody:nothing"),
    "empty both": _basic(":"),
    "unpadded": "Basic bm9ib2R5Om5vdGhpbmc",
    "bearer junk": "Bearer junk",
    "bearer empty": "Bearer ",
    "bearer three parts": "Bearer aaa.bbb.ccc",
    "digest": "Digest username=x",
    "code": "Code 123456",
}

_PATHS = (
    ("GET", ""),
    ("GET", "/"),
    ("GET", "/nothing"),
    ("POST", "/nothing"),
    ("GET", "/messages/"),
    ("GET", "//messages"),
    ("GET", "/Messages"),
    ("GET", "/MESSAGES"),
    ("GET", "/message"),
    ("PUT", "/messages"),
    ("PATCH", "/messages"),
    ("DELETE", "/messages"),
    ("POST", "/messages/x"),
    ("PUT", "/messages/x"),
    ("PATCH", "/messages/x"),
    ("GET", "/messages/x/y"),
    ("GET", "/messages/inbox/export"),
    ("GET", "/webhooks/"),
    ("GET", "/webhooks/x"),
    ("PUT", "/webhooks/x"),
    ("PATCH", "/webhooks"),
    ("DELETE", "/webhooks"),
    ("DELETE", "/webhooks/"),
    ("GET", "/webhook"),
    ("POST", "/webhook"),
    ("GET", "/devices/"),
    ("GET", "/device"),
    ("GET", "/devices/x"),
    ("POST", "/devices"),
    ("DELETE", "/devices"),
    ("DELETE", "/device"),
    ("PATCH", "/devices/x"),
    ("GET", "/settings/"),
    ("POST", "/settings"),
    ("DELETE", "/settings"),
    ("GET", "/inbox/"),
    ("POST", "/inbox"),
    ("GET", "/inbox/x"),
    ("GET", "/inbox/refresh"),
    ("GET", "/logs/"),
    ("GET", "/logs/x"),
    ("POST", "/logs"),
    ("GET", "/auth"),
    ("GET", "/auth/token"),
    ("PUT", "/auth/token"),
    ("GET", "/auth/token/refresh"),
    ("OPTIONS", "/messages"),
    ("GET", "/users"),
    ("GET", "/calls"),
    ("GET", "/messages%2Fx"),
    ("GET", "/%6Dessages"),
    ("GET", "/messages?"),
    ("GET", "/messages#x"),
    ("GET", "/.well-known/api-catalog"),
)

_HEALTH = (
    ("GET", "/health"),
    ("GET", "/health/"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/health/startup"),
    ("GET", "/health/x"),
    ("POST", "/health"),
    ("PUT", "/health/live"),
    ("DELETE", "/health"),
    ("GET", "/Health"),
)

_SCOPES: tuple[tuple[str, object], ...] = (
    ("no body", None),
    ("empty", {}),
    ("null", {"scopes": None}),
    ("empty list", {"scopes": []}),
    ("empty scope", {"scopes": [""]}),
    ("text", {"scopes": "all:any"}),
    ("number", {"scopes": [1]}),
    ("unknown scope", {"scopes": ["no:such"]}),
    ("list", []),
    ("word", "x"),
    ("ttl text", {"scopes": ["messages:send"], "ttl": "x"}),
    ("ttl negative", {"scopes": ["messages:send"], "ttl": -1}),
    ("ttl fraction", {"scopes": ["messages:send"], "ttl": 1.5}),
    ("ttl zero", {"scopes": ["messages:send"], "ttl": 0}),
    ("ttl one", {"scopes": ["messages:send"], "ttl": 100}),
    ("ttl long", {"scopes": ["messages:send"], "ttl": 10**9}),
    ("ttl huge", {"scopes": ["messages:send"], "ttl": 2**64}),
    ("twice", {"scopes": ["messages:send", "messages:send"]}),
    ("unknown field", {"scopes": ["messages:send"], "foo": 1}),
)


def _logins() -> Scenario:
    steps = [
        Ask(name=f"{path} {name}", method="GET", path=path, auth=header)
        for path in ("/devices", "/nothing")
        for name, header in _LOGINS.items()
    ]
    steps += [
        Ask(
            name="post without login",
            method="POST",
            path="/messages",
            raw="{",
            auth=None,
        ),
        Ask(name="login", method="GET", path="/devices"),
        Ask(name="head", method="HEAD", path="/devices"),
    ]
    return Scenario(name="logins", steps=tuple(steps))


def _paths() -> Scenario:
    return Scenario(
        name="paths",
        steps=tuple(
            Ask(name=f"{method} {path}", method=method, path=path)
            for method, path in _PATHS
        ),
    )


def _health() -> Scenario:
    return Scenario(
        name="health",
        steps=tuple(
            Ask(
                name=f"{method} {path} {'basic' if auth else 'anonymous'}",
                method=method,
                path=path,
                auth=auth,
            )
            for method, path in _HEALTH
            for auth in ("basic", None)
        ),
    )


_WITH_TOKEN = (
    ("GET", "/messages", "list"),
    ("GET", "/messages/x", "read"),
    ("POST", "/messages", "send"),
    ("DELETE", "/messages/x", "cancel"),
    ("POST", "/messages/inbox/export", "export"),
    ("GET", "/devices", "devices"),
    ("DELETE", "/devices/x", "remove"),
    ("GET", "/webhooks", "hooks"),
    ("POST", "/webhooks", "hook"),
    ("DELETE", "/webhooks/x", "unhook"),
    ("GET", "/settings", "settings"),
    ("PATCH", "/settings", "set"),
    ("PUT", "/settings", "put"),
    ("GET", "/inbox", "inbox"),
    ("POST", "/inbox/refresh", "refresh"),
    ("GET", "/logs", "logs"),
    ("POST", "/auth/token", "token"),
    ("POST", "/auth/token/refresh", "renew"),
    ("DELETE", "/auth/token/x", "revoke"),
    ("GET", "/nothing", "unknown"),
)


def _tokens() -> Scenario:
    path = "/auth/token"
    steps: list[Step] = [
        Ask(name=name, method="POST", path=path, body=body) for name, body in _SCOPES
    ]
    issue = {"scopes": ["messages:list"]}
    saved = {"token": "access_token", "renewal": "refresh_token", "jti": "id"}
    steps.append(Ask(name="issue", method="POST", path=path, body=issue, save=saved))
    for who in ("token", "renewal"):
        steps += [
            Ask(
                name=f"{who}: {name}",
                method=method,
                path=url,
                auth=f"Bearer <<{who}>>",
                body=None if method in ("GET", "DELETE") else {},
            )
            for method, url, name in _WITH_TOKEN
            if (who, name) != ("renewal", "renew")
        ]
    saved = {"token2": "access_token", "renewal2": "refresh_token"}
    steps += [
        Ask(
            name="renew",
            method="POST",
            path=f"{path}/refresh",
            auth="Bearer <<renewal>>",
            save=saved,
        ),
        Ask(
            name="renew again",
            method="POST",
            path=f"{path}/refresh",
            auth="Bearer <<renewal>>",
        ),
        Ask(
            name="renew by login",
            method="POST",
            path=f"{path}/refresh",
        ),
        Ask(
            name="first token after renewal",
            method="GET",
            path="/messages",
            auth="Bearer <<token>>",
        ),
        Ask(
            name="second token",
            method="GET",
            path="/messages",
            auth="bearer <<token2>>",
        ),
        Ask(name="revoke unknown", method="DELETE", path=f"{path}/unknown"),
        Ask(
            name="issue for all",
            method="POST",
            path=path,
            body={"scopes": ["all:any"]},
            save={"all": "access_token", "all_jti": "id"},
        ),
        Ask(name="all", method="GET", path="/devices", auth="Bearer <<all>>"),
        Ask(name="revoke", method="DELETE", path=f"{path}/<<all_jti>>"),
        Ask(name="revoke again", method="DELETE", path=f"{path}/<<all_jti>>"),
        Ask(name="after revoke", method="GET", path="/devices", auth="Bearer <<all>>"),
        Ask(
            name="token cut",
            method="GET",
            path="/messages",
            auth="Bearer <<token2>>x",
        ),
    ]
    return Scenario(name="tokens", steps=tuple(steps))


AUTH = (_logins(), _paths(), _health(), _tokens())
