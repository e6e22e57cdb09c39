"""What was sent from here: handed over exactly once, or called unknown."""

import asyncio
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .client import GatewayClient
from .errors import (
    GatewayAuthError,
    GatewayConflictError,
    GatewayConnectionError,
    GatewayError,
    GatewayResponseError,
    GatewayUnreachableError,
)
from .exceptions import failure, from_gateway
from .models import Message, OutgoingMessage

_LOGGER = logging.getLogger(__name__)

RETRY_PAUSES: Final = (1.0, 4.0)


class Tracker:
    """The one way out."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: GatewayClient
    ) -> None:
        """Take the account's client."""
        self._hass = hass
        self._entry = entry
        self._client = client

    async def async_send(self, message: OutgoingMessage) -> Message:
        """Hand a message to the gateway, once.

        Raises:
            HomeAssistantError: it was not taken, or, under its own key and with the
                message's id, it is unknown whether it was.
        """
        try:
            return await self._async_hand_over(message)
        except GatewayUnreachableError as err:
            raise from_gateway(err) from err
        except (GatewayConnectionError, GatewayResponseError) as err:
            raise failure("outcome_unknown", message_id=message.id) from err
        except GatewayAuthError as err:
            self._entry.async_start_reauth(self._hass)
            raise from_gateway(err) from err
        except GatewayError as err:
            raise from_gateway(err) from err

    async def _async_hand_over(self, message: OutgoingMessage) -> Message:
        """Try again with the same id while it is unknown whether it arrived.

        The gateway answers 409 to an id that it has accepted before.
        """
        uncertain: GatewayError = GatewayUnreachableError("Not tried")
        for pause in (*RETRY_PAUSES, 0.0):
            try:
                return await self._client.send(message)
            except GatewayConflictError:
                return await self._client.message(message.id)
            except (GatewayConnectionError, GatewayResponseError) as err:
                if isinstance(uncertain, GatewayUnreachableError):
                    uncertain = err
            await asyncio.sleep(pause)
        raise uncertain
