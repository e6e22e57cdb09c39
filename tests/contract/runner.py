"""Asks one side the questions of a scenario."""

from abc import ABC, abstractmethod
import base64
import json
from typing import Any

import aiohttp
from yarl import URL

from .normal import normal_answer
from .scenario import Ask, Names, Report, Scenario

type Answers = dict[str, dict[str, Any]]


class Side(ABC):
    """A server with an account for one scenario."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session = session
        self.base = base
        self.names = Names()
        self._asked = ""

    @abstractmethod
    async def set_up(self, scenario: Scenario) -> None:
        """Make an account with phones; put `user`, `password` and `phoneN` into names."""

    @abstractmethod
    async def report(self, report: Report) -> None:
        """Let a phone tell how a message stands."""

    async def run(self, scenario: Scenario) -> Answers:
        """Return the answers of a scenario by the names of its questions."""
        await self.set_up(scenario)
        answers: Answers = {}
        for step in scenario.steps:
            if isinstance(step, Report):
                await self.report(step)
            else:
                answers[step.name] = await self._ask(step)
        return answers

    async def _ask(self, ask: Ask) -> dict[str, Any]:
        names = self.names
        headers, data = self._headers(ask), self._data(ask)
        if ask.body is not None:
            headers.setdefault("Content-Type", "application/json")
        url = self.base + names.fill(ask.path)
        async with self.session.request(
            ask.method,
            URL(url, encoded=True),
            data=data,
            headers=headers,
            skip_auto_headers=("Content-Type",),
            allow_redirects=False,
        ) as response:
            body = await response.read()
            given = response.headers.copy()
        self._asked += url + (data or b"").decode("utf-8", "replace")
        answer = normal_answer(response.status, given, body, self._asked, names)
        self._save(ask, body)
        return answer

    def _headers(self, ask: Ask) -> dict[str, str]:
        names = self.names
        headers = {key: names.fill(value) for key, value in ask.headers.items()}
        if ask.auth == "basic":
            login = f"{names.values['user']}:{names.values['password']}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(login).decode()}"
        elif ask.auth is not None:
            headers["Authorization"] = names.fill(ask.auth)
        return headers

    def _data(self, ask: Ask) -> bytes | None:
        if isinstance(ask.raw, bytes):
            return ask.raw
        if ask.raw is not None:
            return self.names.fill(ask.raw).encode("utf-8", "surrogatepass")
        if ask.body is None:
            return None
        return json.dumps(self.names.filled(ask.body), ensure_ascii=False).encode()

    def _save(self, ask: Ask, body: bytes) -> None:
        if not ask.save:
            return
        shown = json.loads(body)
        for name, key in ask.save.items():
            self.names.values[name] = shown[key]
