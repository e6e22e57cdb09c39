"""Conditions: a phone is online, a contact wrote lately, a message was delivered."""

from collections.abc import Iterable
import time
from typing import Any, Final, Unpack, cast, override

from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR
from homeassistant.const import CONF_OPTIONS, STATE_ON
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, State
from homeassistant.exceptions import ConditionErrorMessage
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.condition import (
    Condition,
    ConditionCheckParams,
    ConditionConfig,
    make_entity_state_condition,
)
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .account.contacts import contact_of
from .account.last_known import LastWrote, wrote
from .account.people import is_blank, listed, parts
from .account.targets import TARGET_FIELD, Target
from .account.text_match import CONF_TEXT, TEXT_FIELDS, TextMatch, matchable
from .const import DOMAIN
from .gateway.models import MessageState
from .send.outbox import sent_message

CONF_CONTACTS: Final = "contacts"
CONF_MESSAGE_ID: Final = "message_id"
CONF_WITHIN: Final = "within"

_ONLINE: Final = "-online"
# Conditions are checked in the event loop: for all messages together
_SEARCH_SECONDS: Final = 0.01

_StateIsOn: Final = make_entity_state_condition(
    BINARY_SENSOR, STATE_ON, primary_entities_only=False
)


class IsOnline(_StateIsOn):  # type: ignore[misc, valid-type]
    """Phones are online."""

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return the phones' sensors "online"."""
        registry = er.async_get(self._hass)
        return {
            entity_id
            for entity_id in super().entity_filter(entities)
            if (entry := registry.async_get(entity_id))
            and entry.platform == DOMAIN
            and entry.unique_id.endswith(_ONLINE)
        }

    @override
    def _should_include(self, _state: State) -> bool:
        """Count a phone of which nothing is known: it is not online."""
        return True

    @override
    def _check_all_match_state(self, states: list[State]) -> bool:
        return bool(states) and super()._check_all_match_state(states)


class _OwnCondition(Condition):
    """A condition with a schema of its own."""

    schema: vol.Schema

    @override
    @classmethod
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options."""
        return cast(ConfigType, cls.schema(config))

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Keep the options."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or {}


def _named(value: object) -> list[str]:
    """Return the contacts of a field, lists in it too; an empty item is nobody."""
    return [cv.string(item) for item in listed(value) if not is_blank(item)]


_OPTIONS: Final[dict[vol.Marker, Any]] = {
    vol.Optional(CONF_CONTACTS, default=list): _named,
    vol.Optional(CONF_WITHIN, default={"minutes": 10}): cv.positive_time_period,
    **TEXT_FIELDS,
}
_WROTE: Final[dict[vol.Marker, Any]] = {
    **TARGET_FIELD,
    vol.Required(CONF_OPTIONS, default=dict): vol.All(_OPTIONS, matchable),
}


def _somebody(config: dict[str, Any]) -> dict[str, Any]:
    if not (config.get("target") or config[CONF_OPTIONS][CONF_CONTACTS]):
        raise vol.Invalid("select contacts, or a target")
    return config


class ContactWrote(_OwnCondition):
    """One of the contacts wrote within a time."""

    schema = vol.Schema(vol.All(_WROTE, _somebody))

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Prepare the comparison once."""
        super().__init__(hass, config)
        self._match = TextMatch.build(self._options)
        self._target = Target(hass, config.target or {})
        self._stop: CALLBACK_TYPE | None = None

    @override
    async def _async_setup(self) -> None:
        """Follow the target."""
        self._stop = await self._target.async_setup()

    @override
    def _async_unload(self) -> None:
        if self._stop is not None:
            self._stop()

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        """Return True if one of the contacts wrote a message that fits."""
        since = dt_util.utcnow() - self._options[CONF_WITHIN]
        return self._fits_one(
            last
            for entry_id, contact_id in self._contacts()
            for last in wrote(self._hass, entry_id, contact_id)
            if last.time >= since
        )

    def _contacts(self) -> set[tuple[str, str]]:
        """Return the target's contacts and those that are named.

        Raises:
            ConditionErrorMessage: a name is no contact's.
        """
        found = set(self._target.contacts)
        names = [
            name
            for item in self._options[CONF_CONTACTS]
            for name in ([item] if self._is_contact(item) else self._parts(item))
        ]
        for position, name in enumerate(names, start=1):
            if not (contacts := contact_of(self._hass, name)):
                raise ConditionErrorMessage(
                    "contact_wrote", f"contact {position} is no contact of SMS Gate"
                )
            found |= {(entry_id, contact.id) for entry_id, contact in contacts}
        return found

    def _is_contact(self, name: str) -> bool:
        return bool(contact_of(self._hass, name))

    def _parts(self, item: str) -> list[str]:
        return [part for part in parts(item, self._is_contact) if part]

    def _fits_one(self, messages: Iterable[LastWrote]) -> bool:
        """Return True if one of the messages fits.

        Raises:
            ConditionErrorMessage: a regular expression takes too long on them.
        """
        if not self._options.get(CONF_TEXT):
            return any(True for _ in messages)
        left = _SEARCH_SECONDS
        try:
            for last in messages:
                began = time.perf_counter()
                if last.text is not None and self._match.find(last.text, left):
                    return True
                left = max(left - (time.perf_counter() - began), 0.0)
        except TimeoutError:
            raise ConditionErrorMessage(
                "contact_wrote", "the regular expression takes too long on a message"
            ) from None
        return False


class IsDelivered(_OwnCondition):
    """All recipients of a message have it."""

    schema = vol.Schema(
        {vol.Required(CONF_OPTIONS): {vol.Required(CONF_MESSAGE_ID): cv.template}}
    )

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        """Return True if the message was delivered.

        Raises:
            ConditionErrorMessage: nothing is known of the message.
        """
        template = self._options[CONF_MESSAGE_ID]
        message_id = template.async_render(kwargs.get("variables"), parse_result=False)
        if (message := sent_message(self._hass, str(message_id))) is None:
            raise ConditionErrorMessage(
                "is_delivered", "there is no message of this ID, or it is long done"
            )
        states = {recipient.state for recipient in message.recipients}
        return states == {MessageState.DELIVERED}


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_online": IsOnline,
    "contact_wrote": ContactWrote,
    "is_delivered": IsDelivered,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return CONDITIONS
