"""The virtual server as one side of the contract."""

from datetime import datetime, timedelta
from typing import override

import aiohttp

from virtual_gateway import VirtualGateway, VirtualSim
from virtual_gateway.server.message import StateReport
from virtual_gateway.states import Recipient, State

from .runner import Side
from .scenario import Report, Scenario

SIM = VirtualSim(1, "+966500000001")


def contract_gateway() -> VirtualGateway:
    """Return a gateway without phones whose login is in no other text."""
    return VirtualGateway(
        "<contract login>", "<contract password>", phones=0, paths=["private"]
    )


class VirtualSide(Side):
    """A virtual gateway whose phones do only what the scenario says."""

    def __init__(self, session: aiohttp.ClientSession, gateway: VirtualGateway) -> None:
        super().__init__(session, f"{gateway.url}/api/3rdparty/v1")
        self._gateway = gateway

    @override
    async def set_up(self, scenario: Scenario) -> None:
        gateway, names = self._gateway, self.names.values
        gateway.plain_webhooks = False
        names["user"], names["password"] = gateway.username, gateway.password
        for number in range(1, scenario.phones + 1):
            phone = gateway.add_phone(sims=[SIM] if scenario.sims else [])
            phone.online = False
            names[f"phone{number}"] = phone.id

    @override
    async def report(self, report: Report) -> None:
        fill = self.names.fill
        moments = {
            State(state): datetime.fromisoformat(fill(at))
            for state, at in report.states.items()
        }
        offset = next(iter(moments.values())).utcoffset() or timedelta()
        recipients = tuple(
            Recipient(number, State(state), error)
            for number, state, error in report.recipients
        )
        states = {state: round(at.timestamp() * 1000) for state, at in moments.items()}
        self._gateway.account.report(
            self.names.values[f"phone{report.phone}"],
            StateReport(
                fill(report.message), State(report.state), recipients, states, offset
            ),
        )
