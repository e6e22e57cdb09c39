"""Going through the dialogs of repair issues, by Home Assistant's own HTTP API."""

from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.sms_gate.const import DOMAIN

FIX = "/api/repairs/issues/fix"


class Mender:
    """A person at Home Assistant's page of repairs."""

    def __init__(
        self, hass: HomeAssistant, new_client: ClientSessionGenerator, user: User
    ) -> None:
        self._hass = hass
        self._new_client = new_client
        self._user = user

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post, with a token of now: one of half an hour ago is no longer good."""
        (login, *_) = self._user.refresh_tokens.values()
        token = self._hass.auth.async_create_access_token(login)
        client = await self._new_client(token)
        answer: dict[str, Any] = await (await client.post(path, json=body)).json()
        return answer

    async def begin(self, issue_id: str) -> dict[str, Any]:
        """Open an issue's dialog and return its first step."""
        return await self._post(FIX, {"handler": DOMAIN, "issue_id": issue_id})

    async def answer(self, step: dict[str, Any], **given: Any) -> dict[str, Any]:
        """Submit a step and return what comes then."""
        result = await self._post(f"{FIX}/{step['flow_id']}", given)
        await self._hass.async_block_till_done(wait_background_tasks=True)
        return result
