"""Triggers: a message was received, sent, delivered, or failed."""

from collections.abc import Callable, Mapping
import re
from typing import Any, Final, cast, override
import unicodedata

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .account.bus_event import SmsGateEvent
from .account.phone_number import clean, spellings
from .account.signals import signal_kind
from .gateway.events import EventKind

CONF_CONFIG_ENTRY_ID: Final = "config_entry_id"
CONF_MATCH: Final = "match"
CONF_RECIPIENTS: Final = "recipients"
CONF_SENDERS: Final = "senders"
CONF_SIM_NUMBER: Final = "sim_number"
CONF_TEXT: Final = "text"

_PEOPLE: Final = vol.All(cv.ensure_list, [cv.string])


def _fold(text: str) -> str:
    """Return a text so that case and ways of encoding do not matter."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


_MATCHES: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": lambda text, wanted: wanted in text,
    "equals": lambda text, wanted: text == wanted,
    "starts_with": lambda text, wanted: text.startswith(wanted),
}
_REGEX: Final = "regex"


def _usable_pattern(options: dict[str, Any]) -> dict[str, Any]:
    """Refuse a regular expression that is none, when the automation is saved."""
    if options[CONF_MATCH] == _REGEX:
        try:
            re.compile(options.get(CONF_TEXT, ""))
        except re.error as err:
            raise vol.Invalid(f"not a regular expression: {err}", [CONF_TEXT]) from err
    return options


_RECEIVED_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_OPTIONS, default=dict): vol.All(
            {
                vol.Optional(CONF_CONFIG_ENTRY_ID): cv.string,
                vol.Optional(CONF_SENDERS, default=list): _PEOPLE,
                vol.Optional(CONF_TEXT): cv.string,
                vol.Optional(CONF_MATCH, default="contains"): vol.In(
                    [*_MATCHES, _REGEX]
                ),
                vol.Optional(CONF_SIM_NUMBER): vol.All(
                    vol.Coerce(int), vol.Range(min=1, max=3)
                ),
            },
            _usable_pattern,
        )
    }
)
_OUTGOING_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_OPTIONS, default=dict): {
            vol.Optional(CONF_CONFIG_ENTRY_ID): cv.string,
            vol.Optional(CONF_RECIPIENTS, default=list): _PEOPLE,
        }
    }
)


class MessageTrigger(Trigger):
    """Fires for messages of one kind."""

    kind: EventKind
    schema: vol.Schema = _OUTGOING_SCHEMA
    people: str = CONF_RECIPIENTS
    _forms: frozenset[str] = frozenset()
    _names: frozenset[str] = frozenset()

    @override
    @classmethod
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options."""
        return cast(ConfigType, cls.schema(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the options."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or {}

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Listen to one kind of events of all accounts."""
        people: list[str] = self._options.get(self.people, [])
        self._names = frozenset(map(_fold, people))
        self._forms = await self._hass.async_add_executor_job(
            _all_spellings, people, self._hass.config.country
        )

        @callback
        def async_handle(received: SmsGateEvent) -> None:
            """Run the action for an event that matches."""
            if (found := self._matches(received)) is not None:
                run_action(
                    {**received.as_data(), **found},
                    self.kind.key.replace("_", " "),
                )

        return async_dispatcher_connect(
            self._hass, signal_kind(self.kind), async_handle
        )

    def _matches(self, received: SmsGateEvent) -> dict[str, Any] | None:
        """Return what the match adds to the variables, None where there is none."""
        account = self._options.get(CONF_CONFIG_ENTRY_ID)
        if account is not None and received.entry_id != account:
            return None
        return {} if self._is_wanted(received) else None

    def _is_wanted(self, received: SmsGateEvent) -> bool:
        """Return True if it is from, or to, one of the people asked for."""
        if not self._names:
            return True
        contact, peer = received.contact, received.event.peer
        if contact is not None and _fold(contact.name) in self._names:
            return True
        return peer is not None and clean(peer).casefold() in self._forms


class MessageReceived(MessageTrigger):
    """A text message was received."""

    kind = EventKind.SMS_RECEIVED
    schema = _RECEIVED_SCHEMA
    people = CONF_SENDERS

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Prepare the comparison once, not for every message."""
        super().__init__(hass, config)
        text: str = self._options.get(CONF_TEXT, "")
        match = self._options.get(CONF_MATCH, "contains")
        self._pattern = re.compile(text, re.IGNORECASE) if match == _REGEX else None
        self._wanted = _fold(text)
        self._compare = _MATCHES.get(match, _MATCHES["contains"])

    @override
    def _matches(self, received: SmsGateEvent) -> dict[str, Any] | None:
        if (found := super()._matches(received)) is None:
            return None
        event = received.event
        sim_number = self._options.get(CONF_SIM_NUMBER)
        if sim_number is not None and event.sim_number != sim_number:
            return None
        text = event.message or ""
        if self._pattern is not None:
            match = self._pattern.search(text)
            return None if match is None else {**found, "groups": list(match.groups())}
        if self._wanted and not self._compare(_fold(text), self._wanted):
            return None
        return {**found, "groups": []}


class MessageSent(MessageTrigger):
    """A message left the phone."""

    kind = EventKind.SMS_SENT


class MessageDelivered(MessageTrigger):
    """A message was delivered."""

    kind = EventKind.SMS_DELIVERED


class MessageFailed(MessageTrigger):
    """A message could not be sent or delivered."""

    kind = EventKind.SMS_FAILED


def _all_spellings(people: list[str], country: str | None) -> frozenset[str]:
    """Return all forms of all numbers. Runs in the executor."""
    return frozenset().union(*(spellings(item, country) for item in people))


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "message_received": MessageReceived,
    "message_sent": MessageSent,
    "message_delivered": MessageDelivered,
    "message_failed": MessageFailed,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
