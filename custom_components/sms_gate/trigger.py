"""Triggers: a message was received, sent, delivered, cancelled, or failed."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
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
import voluptuous as vol

from .account.bus_event import SmsGateEvent
from .account.login import country_of
from .account.people import is_blank, listed
from .account.phone_number import InvalidPhoneNumberError, Written, parse
from .account.signals import signal_contacts, signal_kind
from .account.targets import TARGET_FIELD, Target
from .account.text_match import TEXT_FIELDS, TextMatch, matchable
from .account.wanted import Wanted, async_forget_unknown, async_wanted
from .const import DOMAIN
from .gateway.events import EventKind

_LOGGER = logging.getLogger(__name__)

CONF_CONFIG_ENTRY_ID: Final = "config_entry_id"
CONF_EXCEPT_SENDERS: Final = "except_senders"
CONF_RECIPIENTS: Final = "recipients"
CONF_SENDERS: Final = "senders"
CONF_SIM_NUMBER: Final = "sim_number"

_SEARCH_SECONDS: Final = 0.5
# Home Assistant keeps this many; in a burst, more would cost as much as receiving does
_REPORTS_IN_A_SECOND: Final = 5


def _people(value: object) -> list[Written]:
    """Return the people of a field; one empty item must not mean everybody."""
    people = [] if value is None or value == [] else listed(value) or [""]
    named = [item for item in people if not is_blank(item)]
    if people and not named:
        raise vol.Invalid("is empty: name somebody, or leave the field out")
    if any(isinstance(item, bool) for item in named):
        raise vol.Invalid("put it in quotes: YAML reads it as true or false")
    if any(isinstance(item, str) and is_template_string(item) for item in named):
        raise vol.Invalid("a template is not rendered here")
    return named


def _schema(*options: Any) -> vol.Schema:
    return vol.Schema(
        {**TARGET_FIELD, vol.Required(CONF_OPTIONS, default=dict): vol.All(*options)}
    )


_ACCOUNT: Final = {vol.Optional(CONF_CONFIG_ENTRY_ID): cv.string}
_OUTGOING: Final = {**_ACCOUNT, vol.Optional(CONF_RECIPIENTS, default=list): _people}
_INCOMING: Final = {
    **_ACCOUNT,
    vol.Optional(CONF_SENDERS, default=list): _people,
    vol.Optional(CONF_EXCEPT_SENDERS, default=list): _people,
    vol.Optional(CONF_SIM_NUMBER): vol.All(vol.Coerce(int), vol.Range(min=1, max=3)),
}


class MessageTrigger(Trigger):
    """Fires for messages of one kind."""

    kind: EventKind
    schema = _schema(_OUTGOING)
    people: str = CONF_RECIPIENTS
    _target: Target | None = None

    @override
    @classmethod
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options; whole numbers become what was written, or errors."""
        valid = cast(ConfigType, cls.schema(config))
        options = valid[CONF_OPTIONS]
        entries = hass.config_entries.async_entries(DOMAIN)
        countries = {country_of(hass, entry) for entry in entries}
        for field in {cls.people, CONF_EXCEPT_SENDERS} & set(options):
            options[field] = await hass.async_add_executor_job(
                _as_written, options[field], countries or {hass.config.country}
            )
        return valid

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Keep the target and the options."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or {}
        if config.target:
            self._target = Target(hass, config.target)
        self._wanted: dict[str, Wanted] = {}
        self._updating = asyncio.Lock()
        self._is_detached = False

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Listen to one kind of events of all accounts."""
        await self._async_update()
        self._is_detached = False
        reports = deque[float](maxlen=_REPORTS_IN_A_SECOND)

        @callback
        def async_fire(received: SmsGateEvent, found: dict[str, Any]) -> None:
            if not self._is_detached:
                description = self.kind.key.replace("_", " ")
                data = {"answers_question": False, **received.as_data(), **found}
                run_action(data, description)

        @callback
        def async_report(reason: str) -> None:
            now = self._hass.loop.time()
            is_full = len(reports) == reports.maxlen and now - reports[0] < 1
            if did_not_trigger is not None and not self._is_detached and not is_full:
                reports.append(now)
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

        stops = [
            async_dispatcher_connect(self._hass, signal_kind(self.kind), async_handle),
            async_dispatcher_connect(
                self._hass, signal_contacts(), async_contacts_changed
            ),
        ]
        if self._target is not None:
            stops.append(await self._target.async_setup())

        @callback
        def async_detach() -> None:
            self._is_detached = True
            for stop in stops:
                stop()
            async_forget_unknown(self._hass, self)

        return async_detach

    async def _async_update(self) -> None:
        """Find out who is meant, by the contacts there are now; the last change wins."""
        lists = {
            field: people
            for field in (self.people, CONF_EXCEPT_SENDERS)
            if (people := self._options.get(field))
        }
        if not lists:
            return
        async with self._updating:
            self._wanted = await async_wanted(self._hass, lists, self)
            if self._is_detached:
                async_forget_unknown(self._hass, self)

    def _misses(self, received: SmsGateEvent) -> str | None:
        """Return why an event is not asked for, None if it is."""
        account = self._options.get(CONF_CONFIG_ENTRY_ID)
        if account is not None and received.entry_id != account:
            return "other_account"
        sim_number = self._options.get(CONF_SIM_NUMBER)
        if sim_number is not None and received.event.sim_number != sim_number:
            return "other_sim"
        return self._misses_people(received)

    def _misses_people(self, received: SmsGateEvent) -> str | None:
        """Return why an event is of nobody and nothing that is asked for.

        People are the target's contacts and those of the field, but for the exceptions.
        The target's phones alone mean everybody there; beside people of the field, those
        people there.
        """
        target, wanted = self._target, self._wanted.get(self.people)
        excepted = self._wanted.get(CONF_EXCEPT_SENDERS)
        if excepted is not None and excepted.includes(received):
            return f"one_of_{CONF_EXCEPT_SENDERS}"
        if target is not None:
            if target.has_contact(received):
                return None
            is_there = target.has_phone(received)
            only_contacts = wanted is not None and not target.phones and target.contacts
            if not (is_there or only_contacts):
                return "not_in_target"
        if wanted is not None and not wanted.includes(received):
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


class IncomingTrigger(MessageTrigger):
    """Fires for messages of one kind that were received."""

    schema = _schema(_INCOMING)
    people = CONF_SENDERS


class MessageReceived(IncomingTrigger):
    """A text message was received."""

    kind = EventKind.SMS_RECEIVED
    schema = _schema({**_INCOMING, **TEXT_FIELDS}, matchable)

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Prepare the comparison once, not for every message."""
        super().__init__(hass, config)
        self._match = TextMatch.build(self._options)
        self._turn = asyncio.Lock()

    @override
    @callback
    def _async_match(
        self,
        received: SmsGateEvent,
        fire: Callable[[SmsGateEvent, dict[str, Any]], None],
        report: Callable[[str], None],
    ) -> None:
        if self._match.pattern is not None:
            self._hass.async_create_task(
                self._async_search(received, fire, report),
                "sms_gate regular expression",
            )
        elif (found := self._match.find(received.event.message or "", 0)) is None:
            report("text_does_not_match")
        else:
            fire(received, found)

    async def _async_search(
        self,
        received: SmsGateEvent,
        fire: Callable[[SmsGateEvent, dict[str, Any]], None],
        report: Callable[[str], None],
    ) -> None:
        """Search outside the event loop, one message after the other."""
        async with self._turn:
            try:
                found = await self._hass.async_add_executor_job(
                    self._match.find, received.event.message or "", _SEARCH_SECONDS
                )
            except TimeoutError:
                _LOGGER.warning("A regular expression took too long on a message")
                report("pattern_took_too_long")
                return
        if found is None:
            report("text_does_not_match")
        else:
            fire(received, found)


class MmsReceived(IncomingTrigger):
    """An MMS was announced; its content comes later."""

    kind = EventKind.MMS_RECEIVED


class MmsDownloaded(IncomingTrigger):
    """The text and files of an MMS were received."""

    kind = EventKind.MMS_DOWNLOADED


class DataReceived(IncomingTrigger):
    """A data SMS was received."""

    kind = EventKind.SMS_DATA_RECEIVED


class MessageSent(MessageTrigger):
    """A message left the phone."""

    kind = EventKind.SMS_SENT


class MessageDelivered(MessageTrigger):
    """A message was delivered."""

    kind = EventKind.SMS_DELIVERED


class MessageFailed(MessageTrigger):
    """A message could not be sent or delivered."""

    kind = EventKind.SMS_FAILED


class MessageCancelled(MessageTrigger):
    """A message was cancelled before it was sent."""

    kind = EventKind.SMS_CANCELLED


def _as_written(people: list[Written], countries: set[str | None]) -> list[str]:
    """Return texts for whole numbers too. Runs in the executor."""
    written: list[str] = []
    for item in people:
        values = {str(item)} if isinstance(item, str) else _values(item, countries)
        if len(values) != 1:
            raise vol.Invalid("put the numbers in quotes, with +", [CONF_OPTIONS])
        written += values
    return written


def _values(number: Written, countries: set[str | None]) -> set[str]:
    """Return what a whole number is in each of the accounts' countries."""
    values: set[str] = set()
    for country in countries:
        with suppress(InvalidPhoneNumberError):
            values.add(parse(number, country).value)
    return values


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "message_received": MessageReceived,
    "message_sent": MessageSent,
    "message_delivered": MessageDelivered,
    "message_failed": MessageFailed,
    "message_cancelled": MessageCancelled,
    "mms_received": MmsReceived,
    "mms_downloaded": MmsDownloaded,
    "data_received": DataReceived,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
