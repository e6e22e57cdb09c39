"""Asks a real server the questions and keeps its answers: see README.md."""

import argparse
import asyncio
import json
from pathlib import Path
from typing import override

import aiohttp

from .questions import SCENARIOS
from .runner import Answers, Side
from .scenario import Report, Scenario

ANSWERS = Path(__file__).parent / "answers.json"
SIM = {"slotIndex": 0, "simNumber": 1, "phoneNumber": "*********0001"}


class RealSide(Side):
    """A private server; phones are registered with its private token."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, private_token: str
    ) -> None:
        super().__init__(session, f"{url}/api/3rdparty/v1")
        self._mobile = f"{url}/api/mobile/v1"
        self._private_token = private_token
        self._tokens: dict[int, str] = {}

    @override
    async def set_up(self, scenario: Scenario) -> None:
        for number in range(1, scenario.phones + 1):
            await self._register(number, scenario)

    async def _register(self, number: int, scenario: Scenario) -> None:
        names = self.names.values
        auth = f"Bearer {self._private_token}"
        if number > 1:
            auth = aiohttp.encode_basic_auth(names["user"], names["password"])
        body = {"name": "Samsung/a16", "simCards": [SIM] if scenario.sims else []}
        async with self.session.post(
            f"{self._mobile}/device",
            json=body,
            headers={"Authorization": auth},
        ) as response:
            response.raise_for_status()
            shown = await response.json()
        names[f"phone{number}"] = shown["id"]
        self._tokens[number] = shown["token"]
        if number == 1:
            names["user"], names["password"] = shown["login"], shown["password"]

    @override
    async def report(self, report: Report) -> None:
        fill = self.names.fill
        item = {
            "id": fill(report.message),
            "state": report.state,
            "recipients": [
                {"phoneNumber": number, "state": state}
                | ({} if error is None else {"error": error})
                for number, state, error in report.recipients
            ],
            "states": {state: fill(at) for state, at in report.states.items()},
        }
        async with self.session.patch(
            f"{self._mobile}/messages",
            json=[item],
            headers={"Authorization": f"Bearer {self._tokens[report.phone]}"},
        ) as response:
            response.raise_for_status()


async def record(url: str, private_token: str) -> dict[str, Answers]:
    """Return the answers of a real server to all questions."""
    recorded = {}
    async with aiohttp.ClientSession() as session:
        for scenario in SCENARIOS:
            side = RealSide(session, url, private_token)
            recorded[scenario.name] = await side.run(scenario)
    return recorded


def _text(recorded: dict[str, Answers]) -> str:
    """Return the file: one line for each answer, so that a difference can be read."""
    scenarios = []
    for name, answers in recorded.items():
        lines = [
            f"  {json.dumps(key)}: {json.dumps(answer, ensure_ascii=False, sort_keys=True)}"
            for key, answer in answers.items()
        ]
        scenarios.append(f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(scenarios) + "\n}\n"


def main() -> None:
    """Record, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="a private server, such as http://127.0.0.1:3000")
    parser.add_argument("private_token", help="its gateway.private_token")
    options = parser.parse_args()
    recorded = asyncio.run(record(options.url, options.private_token))
    ANSWERS.write_text(_text(recorded), encoding="utf-8")
    print(f"{sum(map(len, recorded.values()))} answers in {ANSWERS}")


if __name__ == "__main__":
    main()
