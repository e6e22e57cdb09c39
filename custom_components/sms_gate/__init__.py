"""Two-way SMS through SMS Gate, an Android phone as gateway.

From top to bottom: setting up the domain, an account's entry, unloading, removing.
"""

from functools import partial
import logging
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.typing import ConfigType

from . import migration
from .account.cipher import Cipher
from .account.contacts import (
    Contacts,
    async_rename_devices,
    async_report_names,
    contacts_of,
)
from .account.context import Account, has_inbox
from .account.coordinator import SmsGateCoordinator
from .account.exceptions import async_unavailable, converted, from_gateway
from .account.issues import async_delete_all
from .account.last_known import async_get_last_known, async_remove_last_known
from .account.login import country_of, make_client
from .account.phone_issues import PhoneIssues
from .account.phones import Phones
from .account.recorder import async_exclude_from_recorder
from .account.remembered import async_forget_remembered, async_senders
from .account.signals import signal_contacts
from .const import (
    CONF_ENCRYPTION_PASSPHRASE,
    CONF_KEEP_MESSAGES_DAYS,
    CONF_LINE_TEST,
    CONF_MESSAGES_PAGE,
    CONF_MODE,
    DOMAIN,
    LineTestOption,
    Mode,
)
from .gateway.errors import GatewayError, NoNetworkError
from .intent import async_offer
from .legacy_notify import async_register_notify
from .messages import page
from .messages.store import MessageStore, async_get_store, async_remove_store
from .receive import catch_up, dedup, media, mode, view
from .receive.cloudhook import async_register_cloudhook, async_remove_cloudhook
from .receive.pipeline import Pipeline
from .receive.receiver import Parts
from .receive.registration import Registration, async_unregister
from .receive.strategy import strategy
from .receive.webhook_ids import async_note_left
from .runtime import SmsGateConfigEntry, SmsGateData
from .send import senders
from .send.held import HeldMessages
from .send.line_test import LineTester
from .send.outbox import async_get_outbox, async_remove_outbox
from .send.sender import Sender
from .send.status_poller import StatusPoller
from .send.weekly_test import WeeklyTest
from .services import async_setup_services
from .websocket_api import async_setup_websocket_api

_LOGGER = logging.getLogger(__name__)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS: Final = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.NOTIFY,
    Platform.SENSOR,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what all accounts share."""
    async_setup_services(hass)
    async_setup_websocket_api(hass)
    await page.async_setup(hass)
    hass.http.register_view(view.WebhookView())
    for entry in hass.config_entries.async_entries(DOMAIN):
        if entry.version == migration.VERSION:
            async_register_cloudhook(hass, entry)
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: SmsGateConfigEntry) -> bool:
    """Bring an entry of an older version, or of SMSGateHA, to the newest one."""
    return await migration.async_migrate(hass, entry)


async def async_setup_entry(hass: HomeAssistant, entry: SmsGateConfigEntry) -> bool:
    """Set up an account: its parts, then its platforms, and receiving last of all."""
    begun_with = entry.title, dict(entry.options)
    async_register_notify(hass, entry)
    async_register_cloudhook(hass, entry)
    messages = await async_get_store(hass, entry)
    entry.runtime_data = await _async_build(hass, entry, messages)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    await async_offer(hass, entry)
    async_exclude_from_recorder(hass)
    migration.async_report_left_out(hass, entry)
    async_report_names(hass)
    await _async_start_receiving(hass, entry)
    entry.async_on_unload(
        entry.add_update_listener(partial(_async_update, _loaded_with(entry)))
    )
    # What was changed while the account loaded
    if begun_with != (entry.title, dict(entry.options)):
        hass.config_entries.async_schedule_reload(entry.entry_id)
    await page.async_update(hass)
    await _async_update_contacts(hass, entry, entry.runtime_data.account.contacts)
    async_dispatcher_send(hass, signal_contacts())
    return True


async def _async_build(
    hass: HomeAssistant, entry: SmsGateConfigEntry, messages: MessageStore
) -> SmsGateData:
    """Return an account's parts, once its phones are known and its stores are read.

    Raises:
        ConfigEntryAuthFailed, ConfigEntryNotReady: the gateway did not answer.
    """
    try:
        client = make_client(hass, entry.data)
    except NoNetworkError as err:
        raise converted(ConfigEntryNotReady, from_gateway(err)) from err
    last_known = await async_get_last_known(hass, entry)
    contacts = await hass.async_add_executor_job(
        Contacts.build, contacts_of(entry), country_of(hass, entry)
    )
    contacts.senders = await async_senders(hass, entry)
    can_poll = has_inbox(entry, last_known)
    receive_mode = mode.resolve(hass, entry, has_inbox=can_poll)
    receiver = strategy(entry, receive_mode, has_inbox=can_poll)
    account = Account(
        hass=hass,
        entry=entry,
        client=client,
        last_known=last_known,
        phones=Phones(hass, entry, last_known, receiver.contact_interval),
        contacts=contacts,
        cipher=Cipher(hass, entry.options.get(CONF_ENCRYPTION_PASSPHRASE)),
    )
    coordinator = SmsGateCoordinator(
        account,
        receiver.update_interval,
        fetches_health=receiver.update_interval is not None,
    )
    await coordinator.async_config_entry_first_refresh()
    _set_local_unique_id(hass, entry, account)
    media.async_schedule_cleanup(hass, entry)
    memory = await dedup.async_memory(hass, entry)
    outbox = await async_get_outbox(hass, entry)
    pipeline = Pipeline(
        account, memory, lambda event: outbox.probes.find(event) is not None
    )
    registration = Registration(account)
    outbox.limits.set(entry.options)
    StatusPoller(account, outbox, pipeline).async_start()
    sender = Sender(account, outbox, is_pushed=lambda: registration.active)
    senders.async_register(hass, sender)
    HeldMessages(account, outbox).async_start()
    line_tester = LineTester(sender, receive_mode)
    if entry.options.get(CONF_LINE_TEST) == LineTestOption.WEEKLY:
        WeeklyTest(account, coordinator, line_tester).async_start()
    PhoneIssues(account, coordinator, lambda: registration.active).async_start()
    return SmsGateData(
        account=account,
        coordinator=coordinator,
        pipeline=pipeline,
        outbox=outbox,
        sender=sender,
        messages=messages,
        line_tester=line_tester,
        receiving=receiver(
            Parts(
                account=account,
                mode=receive_mode,
                coordinator=coordinator,
                memory=memory,
                pipeline=pipeline,
                registration=registration,
            )
        ),
    )


def _set_local_unique_id(
    hass: HomeAssistant, entry: SmsGateConfigEntry, account: Account
) -> None:
    """Identify an entry migrated from SMSGateHA by its phone."""
    if entry.unique_id is None and entry.data[CONF_MODE] == Mode.LOCAL:
        hass.config_entries.async_update_entry(entry, unique_id=account.phones.choose())


async def _async_start_receiving(
    hass: HomeAssistant, entry: SmsGateConfigEntry
) -> None:
    """Start to receive.

    Raises:
        ConfigEntryAuthFailed, ConfigEntryNotReady: that failed; nothing stays loaded.
    """
    try:
        await entry.runtime_data.receiving.async_start()
    except (GatewayError, OSError) as err:
        await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
        shown = await async_unavailable(entry.runtime_data.account, err)
        is_refused = shown.translation_key == "invalid_auth"
        kind = ConfigEntryAuthFailed if is_refused else ConfigEntryNotReady
        raise converted(kind, shown) from err


async def _async_update(
    loaded_with: tuple[object, ...], hass: HomeAssistant, entry: SmsGateConfigEntry
) -> None:
    """Apply changes: of contacts in place, of all else by a reload."""
    if loaded_with != _loaded_with(entry):
        hass.config_entries.async_schedule_reload(entry.entry_id)
        return
    # It may be unloaded in between
    data = entry.runtime_data
    await data.messages.async_apply_option()
    await page.async_update(hass)
    await _async_update_contacts(hass, entry, data.account.contacts)


async def _async_update_contacts(
    hass: HomeAssistant, entry: SmsGateConfigEntry, known: Contacts
) -> None:
    """Have the contacts of now, also those that changed while the account loaded."""
    contacts, country = contacts_of(entry), country_of(hass, entry)
    if (list(known), known.country) == (contacts, country):
        return
    built = await hass.async_add_executor_job(Contacts.build, contacts, country)
    # A newer change may have been built faster
    if contacts == contacts_of(entry):
        names = {contact.id: contact.name for contact in known}
        known.replace(built)
        renamed = [it for it in contacts if names.get(it.id, it.name) != it.name]
        async_rename_devices(hass, entry, renamed)
        migration.async_report_left_out(hass, entry)
        async_report_names(hass)
        async_dispatcher_send(hass, signal_contacts())


def _loaded_with(entry: SmsGateConfigEntry) -> tuple[object, ...]:
    """Return what an account must reload for."""
    options = {
        key: value
        for key, value in entry.options.items()
        if key not in (CONF_KEEP_MESSAGES_DAYS, CONF_MESSAGES_PAGE)
    }
    return entry.title, entry.unique_id, dict(entry.data), options


async def async_unload_entry(hass: HomeAssistant, entry: SmsGateConfigEntry) -> bool:
    """Unload; the webhooks stay registered, so that the phone keeps trying."""
    # Entities see all that a phone was told to be received
    await entry.runtime_data.receiving.async_stop()
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.outbox.async_save()
    return unloaded


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: SmsGateConfigEntry, device: DeviceEntry
) -> bool:
    """Let a person remove a phone that the gateway no longer has."""
    return entry.runtime_data.account.phones.async_forget(device)


async def async_remove_entry(hass: HomeAssistant, entry: SmsGateConfigEntry) -> None:
    """Remove the account's files, repair issues and webhooks."""
    async_dispatcher_send(hass, signal_contacts())
    await async_remove_cloudhook(hass, entry)
    async_delete_all(hass, entry)
    async_report_names(hass)
    await async_remove_last_known(hass, entry)
    await async_forget_remembered(hass, entry)
    await dedup.async_forget(hass, entry)
    await async_remove_outbox(hass, entry)
    await async_remove_store(hass, entry)
    await page.async_update(hass)
    await catch_up.storage(hass, entry).async_remove()
    try:
        await async_unregister(make_client(hass, entry.data), entry.entry_id)
    except GatewayError as err:
        _LOGGER.warning(
            "The webhooks of %s could not be removed at the gateway: %s",
            entry.title,
            type(err).__name__,
        )
        async_note_left(hass, entry)
