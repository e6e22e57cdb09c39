"""From a draft to an answer, over all accounts: who sends to whom, and how that went."""

import asyncio
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..account.contacts import Contact
from ..account.exceptions import failure, mistake, without_numbers
from ..account.people import split
from ..account.phone_number import DIALLED, Written
from ..account.text import fold
from ..const import SUBENTRY_CONTACT
from ..gateway.message_status import failed_recipients
from ..gateway.models import Message
from . import pieces
from .draft import Draft, check
from .labels import label
from .recipients import Refused, Wanted
from .sender import Parcel, Sender
from .senders import default_sender, entries, sender_of, sender_of_device, senders

# As many recipients are read outside the event loop
_MANY: Final = 500
_MAX_LISTED: Final = 20
_MAX_REASON: Final = 200


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What was accepted, and whom nothing was sent to, or not for certain."""

    accepted: list[tuple[Parcel, Message]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


async def async_send(
    hass: HomeAssistant,
    draft: Draft,
    chosen: Sender | None = None,
    on_packed: pieces.OnPacked | None = None,
) -> Outcome:
    """Send a draft, by the chosen account or by whichever has the contact.

    One bad recipient holds back none of the others: they are written to first.
    ``on_packed`` runs once it is known who gets which message, before any leaves.

    Raises:
        ServiceValidationError: the draft cannot be sent; nothing was.
        HomeAssistantError: not everyone was written to for certain, or, where the
            draft waits for more than acceptance, the phone could not send.
    """
    check(hass, draft)
    parcels, refused = await _async_pack(hass, draft, chosen)
    if on_packed is not None:
        await on_packed(parcels)
    outcome = Outcome(refused=refused)
    for parcel, result in await pieces.async_submit(draft, parcels, on_packed):
        if isinstance(result, Message):
            outcome.accepted.append((parcel, result))
        else:
            outcome.refused += [
                Refused(wanted=target.wanted, error=result) for target in parcel.targets
            ]
    failed = await _async_wait(draft, outcome)
    _raise_errors(draft, outcome, failed)
    return outcome


async def _async_pack(
    hass: HomeAssistant, draft: Draft, chosen: Sender | None
) -> tuple[list[Parcel], list[Refused]]:
    """Return the messages to submit, and who gets none of them."""
    chosen = chosen or sender_of_device(hass, draft.device_id)
    if chosen is None and not senders(hass):
        default_sender(hass)  # raises why there is none
    if not (recipients := await _async_wanted(hass, draft, chosen)):
        raise mistake("no_recipients")
    assigned, refused = _assign(hass, recipients, chosen)
    parcels: list[Parcel] = []
    resolved = []
    for sender, recipients in assigned.items():
        sender.check(draft)
        targets, bad = await sender.async_resolve(draft, recipients)
        resolved.append((sender, targets))
        refused += bad
    if not (refused and draft.strict):
        for sender, targets in resolved:
            some, over = sender.pack(draft, targets)
            parcels += some
            refused += over
    error: HomeAssistantError | None = None
    if draft.message_id and len(parcels) > 1:
        error = mistake("message_id_for_many", field=label(hass, "message_id"))
    elif refused and (draft.strict or not parcels):
        error = _combined(refused)
    if error is not None:
        for parcel in parcels:
            parcel.count(-1)
        raise error
    return parcels, refused


def _assign(
    hass: HomeAssistant, recipients: list[Wanted], chosen: Sender | None
) -> tuple[dict[Sender, list[Wanted]], list[Refused]]:
    """Return which account writes to whom."""
    refused: list[Refused] = []
    found: list[tuple[Sender | None, Wanted]] = []
    finder = _Finder(hass, chosen)
    for wanted in recipients:
        try:
            found.append(finder.find(wanted))
        except ServiceValidationError as err:
            refused.append(Refused(wanted=wanted, error=err))
    named = {sender for sender, _wanted in found if sender is not None}
    for_numbers = chosen or (named.pop() if len(named) == 1 else None)
    numbers = [wanted for sender, wanted in found if sender is None]
    if numbers and for_numbers is None:
        try:
            for_numbers = default_sender(hass)
        except ServiceValidationError as err:
            refused += [Refused(wanted=wanted, error=err) for wanted in numbers]
    assigned: dict[Sender, list[Wanted]] = {}
    for sender, wanted in found:
        if (by := sender or for_numbers) is not None:
            assigned.setdefault(by, []).append(wanted)
    return assigned, refused


async def _async_wanted(
    hass: HomeAssistant, draft: Draft, chosen: Sender | None
) -> list[Wanted]:
    """Return each recipient; a text is a list of them, unless a contact is so called."""
    contacts = [sender.account.contacts for sender in senders(hass)]
    country = (chosen.account.contacts if chosen else contacts[0]).country

    def is_name(text: str) -> bool:
        return any(some.named(text) for some in contacts)

    def is_one(item: Written | Contact) -> bool:
        return (
            not isinstance(item, str)
            or DIALLED.fullmatch(item) is not None
            or is_name(item)
        )

    def split_all() -> list[Written | Contact]:
        return [
            part
            for item in draft.recipients
            for part in ([item] if is_one(item) else split(str(item), country, is_name))
        ]

    given = draft.recipients
    if len(given) > _MANY or not all(map(is_one, given)):
        given = tuple(await hass.async_add_executor_job(split_all))
    return [
        Wanted(position=position, given=item)
        for position, item in enumerate(given, start=1)
        if item != ""
    ]


class _Finder:
    """Finds which contacts recipients mean, by the accounts there are now."""

    def __init__(self, hass: HomeAssistant, chosen: Sender | None) -> None:
        """Search the chosen account, else the default one before all others."""
        loaded = senders(hass)
        self._hass, self._chosen = hass, chosen
        self._groups = [[chosen]] if chosen else [loaded[:1], loaded[1:]]

    def find(self, wanted: Wanted) -> tuple[Sender | None, Wanted]:
        """Return a recipient with the contact that is meant, and whose that is.

        Raises:
            ServiceValidationError: several contacts have this name, or the only one is
                of an account that is not loaded.
        """
        given = wanted.given
        if isinstance(given, Contact):
            return self._owner(given), _meaning(wanted, given)
        if not isinstance(given, str) or DIALLED.fullmatch(given):
            return None, wanted
        for some in self._groups:
            matches = {
                contact.phone_number: (sender, contact)
                for sender in reversed(some)
                for contact in sender.account.contacts.named(given)
            }
            if len(matches) > 1:
                raise mistake("ambiguous_contact", position=str(wanted.position))
            for sender, contact in matches.values():
                return sender, _meaning(wanted, contact)
        if account := self._not_loaded.get(fold(given)):
            raise mistake("account_not_loaded", account=account)
        return None, wanted

    def _owner(self, contact: Contact) -> Sender | None:
        if self._chosen is not None:
            return self._chosen
        owners = (it for it in entries(self._hass) if contact.id in it.subentries)
        owner = next(owners, None)
        return sender_of(self._hass, owner) if owner else None

    @cached_property
    def _not_loaded(self) -> dict[str, str]:
        """Contacts of accounts that are not loaded, with the account's title."""
        if self._chosen is not None:
            return {}
        ready = {it.account.entry for some in self._groups for it in some}
        return {
            fold(subentry.title): entry.title
            for entry in reversed(entries(self._hass))
            if entry not in ready
            for subentry in entry.get_subentries_of_type(SUBENTRY_CONTACT)
        }


def _meaning(wanted: Wanted, contact: Contact) -> Wanted:
    return Wanted(position=wanted.position, given=wanted.given, contact=contact)


async def _async_wait(draft: Draft, outcome: Outcome) -> list[Refused]:
    """Wait for all messages at once, and return whose did not get there."""
    if (target := draft.wait_for) is None:
        return []
    tracked = await asyncio.gather(
        *(
            parcel.sender.outbox.async_wait(message, target, draft.timeout)
            for parcel, message in outcome.accepted
        )
    )
    failed: list[Refused] = []
    for index, followed in enumerate(tracked):
        parcel, message = outcome.accepted[index]
        if followed is None:
            failed += _failures(parcel, message)
            continue
        outcome.accepted[index] = (parcel, followed.message)
        if followed.is_lost:
            error = failure("outcome_unknown", message_id=message.id)
            failed += [Refused(wanted=it.wanted, error=error) for it in parcel.targets]
        else:
            failed += _failures(parcel, followed.message)
    return failed


def _failures(parcel: Parcel, message: Message) -> list[Refused]:
    """Return whom the phone could not write to, with its reason."""
    by_number = {item.number.value: item.wanted for item in parcel.targets}
    return [
        Refused(
            wanted=by_number.get(recipient.phone_number, parcel.targets[0].wanted),
            error=failure(
                "sending_failed",
                reason=without_numbers(recipient.error or recipient.state)[
                    :_MAX_REASON
                ],
            ),
        )
        for recipient in failed_recipients(message)
    ]


def _raise_errors(draft: Draft, outcome: Outcome, failed: list[Refused]) -> None:
    """Raise what the user must know of, if there is something."""
    is_answered = draft.strict is False and outcome.accepted
    problems = [*([] if is_answered else outcome.refused), *failed]
    if not problems:
        return
    not_sent = {item.wanted.position for item in problems}
    sent = [
        target.wanted.label
        for parcel, _message in outcome.accepted
        for target in parcel.targets
        if target.wanted.position not in not_sent
    ]
    keys = {item.error.translation_key for item in problems}
    if keys == {"sending_failed"} and (sent or len(problems) > 1):
        raise failure("sending_failed", reason=_listed(problems, "reason"))
    if not sent:
        raise _combined(problems)
    raise failure(
        "partly_sent",
        sent=_joined(sent),
        message_ids=_joined([message.id for _parcel, message in outcome.accepted]),
        failed=_listed(problems),
    ) from problems[0].error


def _combined(problems: list[Refused]) -> HomeAssistantError:
    """Return one error for all recipients."""
    errors = {id(item.error): item.error for item in problems}
    if len(errors) == 1:
        return problems[0].error
    if all(isinstance(it, ServiceValidationError) for it in errors.values()):
        return mistake("nobody_reached", failed=_listed(problems))
    return failure("nobody_reached", failed=_listed(problems))


def _listed(problems: list[Refused], placeholder: str | None = None) -> str:
    """Return each recipient with its error."""
    return _joined(
        [
            f"{item.wanted.label}: "
            + (
                (item.error.translation_placeholders or {})[placeholder]
                if placeholder
                else str(item.error)
            )
            for item in problems
        ],
        "; ",
    )


def _joined(items: list[str], separator: str = ", ") -> str:
    """Return a list as text, of bounded length."""
    more = ["…"] if len(items) > _MAX_LISTED else []
    return separator.join([*items[:_MAX_LISTED], *more])
