"""Triggers: a message was received, sent, delivered, or failed."""

import asyncio
from collections.abc import Callable, Mapping
import logging
from typing import Any, Final, cast, override

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.template import is_template_string
from homeassistant.helpers.trigger import (
    NotTriggeredInfo,
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import regex  # type: ignore[import-untyped]
import voluptuous as vol

from .account.bus_event import SmsGateEvent
from .account.people import listed
from .account.phone_number import InvalidPhoneNumberError, Written, parse
from .account.signals import signal_contacts, signal_kind
from .account.text import fold, soften, words_after
from .account.wanted import Wanted, async_forget_unknown, async_wanted
from .gateway.events import EventKind

_LOGGER = logging.getLogger(__name__)

CONF_CONFIG_ENTRY_ID: Final = "config_entry_id"
CONF_MATCH: Final = "match"
CONF_RECIPIENTS: Final = "recipients"
CONF_SENDERS: Final = "senders"
CONF_SIM_NUMBER: Final = "sim_number"
CONF_TEXT: Final = "text"

_MAX_PATTERN: Final = 1000
_SEARCH_SECONDS: Final = 0.5
_REGEX: Final = "regex"
_MATCHES: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": lambda text, wanted: wanted in text,
    "equals": lambda text, wanted: text == wanted,
    "starts_with": lambda text, wanted: text.startswith(wanted),
}

type _Pattern = regex.Pattern[str]


def _people(value: object) -> list[Written]:
    """Return the people of a field; one empty item must not mean everybody."""
    people = [] if value is None else listed(value)
    named = [item for item in people if not isinstance(item, str) or fold(item)]
    if people and not named:
        raise vol.Invalid("is empty: name somebody, or leave the field out")
    if any(isinstance(item, bool) for item in named):
        raise vol.Invalid("put it in quotes: YAML reads it as true or false")
    if any(isinstance(item, str) and is_template_string(item) for item in named):
        raise vol.Invalid("a template is not rendered here")
    return named


def _text(value: object) -> str:
    """Return a text; ``on`` or ``0042`` without quotes is none any more."""
    if not isinstance(value, str):
        raise vol.Invalid(
            "put it in quotes: YAML reads on, off, yes, no and digits as something else"
        )
    if value and not fold(value):
        raise vol.Invalid("there is nothing to see in it")
    return value


def _compiled(text: str) -> _Pattern:
    return regex.compile(soften(text), regex.IGNORECASE)


def _usable_pattern(options: dict[str, Any]) -> dict[str, Any]:
    """Refuse what could never match, when the automation is saved."""
    text = options.get(CONF_TEXT, "")
    if options[CONF_MATCH] != _REGEX:
        if is_template_string(text):
            raise vol.Invalid("a template is not rendered here", [CONF_TEXT])
        return options
    if len(text) > _MAX_PATTERN:
        raise vol.Invalid(f"longer than {_MAX_PATTERN} characters", [CONF_TEXT])
    try:
        _compiled(text)
    except (regex.error, RecursionError, OverflowError) as err:
        raise vol.Invalid(f"not a regular expression: {err}", [CONF_TEXT]) from err
    return options


_RECEIVED_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_OPTIONS, default=dict): vol.All(
            {
                vol.Optional(CONF_CONFIG_ENTRY_ID): cv.string,
                vol.Optional(CONF_SENDERS, default=list): _people,
                vol.Optional(CONF_TEXT): _text,
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
            vol.Optional(CONF_RECIPIENTS, default=list): _people,
        }
    }
)


class MessageTrigger(Trigger):
    """Fires for messages of one kind."""

    kind: EventKind
    schema: vol.Schema = _OUTGOING_SCHEMA
    people: str = CONF_RECIPIENTS
    _wanted: Wanted | None = None

    @override
    @classmethod
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options; whole numbers become what was written, or errors."""
        valid = cast(ConfigType, cls.schema(config))
        options = valid[CONF_OPTIONS]
        options[cls.people] = await hass.async_add_executor_job(
            _as_written, options[cls.people], hass.config.country
        )
        return valid

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Keep the options."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or {}

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Listen to one kind of events of all accounts."""
        await self._async_update()
        detached = False

        @callback
        def async_fire(received: SmsGateEvent, found: dict[str, Any]) -> None:
            if not detached:
                description = self.kind.key.replace("_", " ")
                run_action({**received.as_data(), **found}, description)

        @callback
        def async_report(reason: str) -> None:
            if did_not_trigger is not None and not detached:
                did_not_trigger(NotTriggeredInfo(reason=reason))

        @callback
        def async_handle(received: SmsGateEvent) -> None:
            """Run the action for an event that matches, or report why it does not."""
            if (reason := self._misses(received)) is not None:
                async_report(reason)
            else:
                self._async_match(received, async_fire, async_report)

        @callback
        def async_contacts_changed() -> None:
            self._hass.async_create_task(self._async_update(), eager_start=True)

        stops = (
            async_dispatcher_connect(self._hass, signal_kind(self.kind), async_handle),
            async_dispatcher_connect(
                self._hass, signal_contacts(), async_contacts_changed
            ),
        )

        @callback
        def async_detach() -> None:
            nonlocal detached
            detached = True
            for stop in stops:
                stop()
            async_forget_unknown(self._hass, self)

        return async_detach

    async def _async_update(self) -> None:
        """Find out who is meant, by the contacts there are now."""
        if people := self._options.get(self.people):
            self._wanted = await async_wanted(self._hass, people, self)

    def _misses(self, received: SmsGateEvent) -> str | None:
        """Return why an event is not asked for, None if it is."""
        account = self._options.get(CONF_CONFIG_ENTRY_ID)
        if account is not None and received.entry_id != account:
            return "other_account"
        if self._wanted is not None and not self._wanted.includes(received):
            return f"not_one_of_{self.people}"
        return None

    @callback
    def _async_match(
        self,
        received: SmsGateEvent,
        fire: Callable[[SmsGateEvent, dict[str, Any]], None],
        report: Callable[[str], None],
    ) -> None:
        """Compare what only some kinds have."""
        fire(received, {})


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
        self._pattern = _compiled(text) if match == _REGEX else None
        self._text = fold(text)
        self._compare = _MATCHES.get(match, _MATCHES["contains"])
        self._turn = asyncio.Lock()

    @override
    def _misses(self, received: SmsGateEvent) -> str | None:
        if (reason := super()._misses(received)) is not None:
            return reason
        sim_number = self._options.get(CONF_SIM_NUMBER)
        if sim_number is not None and received.event.sim_number != sim_number:
            return "other_sim"
        return None

    @override
    @callback
    def _async_match(
        self,
        received: SmsGateEvent,
        fire: Callable[[SmsGateEvent, dict[str, Any]], None],
        report: Callable[[str], None],
    ) -> None:
        if self._pattern is not None:
            self._hass.async_create_task(
                self._async_search(self._pattern, received, fire, report),
                "sms_gate regular expression",
            )
        elif self._text and not self._compare(
            fold(received.event.message or ""), self._text
        ):
            report("text_does_not_match")
        else:
            fire(received, {"groups": [], "rest": self._rest(received)})

    def _rest(self, received: SmsGateEvent) -> str | None:
        """Return what follows the text where the message has to start with it."""
        if self._compare is not _MATCHES["starts_with"]:
            return None
        return words_after(self._text, received.event.message or "")

    async def _async_search(
        self,
        pattern: _Pattern,
        received: SmsGateEvent,
        fire: Callable[[SmsGateEvent, dict[str, Any]], None],
        report: Callable[[str], None],
    ) -> None:
        """Search outside the event loop, one message after the other."""
        async with self._turn:
            try:
                groups = await self._hass.async_add_executor_job(
                    _groups, pattern, received.event.message or ""
                )
            except TimeoutError:
                _LOGGER.warning("A regular expression took too long on a message")
                report("pattern_took_too_long")
                return
        if groups is None:
            report("text_does_not_match")
        else:
            fire(received, {"groups": groups, "rest": None})


class MessageSent(MessageTrigger):
    """A message left the phone."""

    kind = EventKind.SMS_SENT


class MessageDelivered(MessageTrigger):
    """A message was delivered."""

    kind = EventKind.SMS_DELIVERED


class MessageFailed(MessageTrigger):
    """A message could not be sent or delivered."""

    kind = EventKind.SMS_FAILED


def _as_written(people: list[Written], country: str | None) -> list[str]:
    """Return texts for whole numbers too. Runs in the executor."""
    try:
        return [
            item if isinstance(item, str) else parse(item, country).value
            for item in people
        ]
    except InvalidPhoneNumberError as err:
        raise vol.Invalid("put the numbers in quotes, with +", [CONF_OPTIONS]) from err


def _groups(pattern: _Pattern, text: str) -> list[str | None] | None:
    """Return the groups of the first match. Runs in the executor.

    Raises:
        TimeoutError: there may be one, but to find it takes too long.
    """
    found = pattern.search(soften(text), concurrent=True, timeout=_SEARCH_SECONDS)
    return None if found is None else list(found.groups())


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "message_received": MessageReceived,
    "message_sent": MessageSent,
    "message_delivered": MessageDelivered,
    "message_failed": MessageFailed,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
