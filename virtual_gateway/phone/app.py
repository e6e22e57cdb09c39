"""What an app of some version does; from the app's changelog and sources."""

from dataclasses import dataclass
import re
from typing import Final, Self

NEWEST: Final = "1.75.0"
type Version = tuple[int, int, int]

EVENT_SINCE: Final[dict[str, Version]] = {
    "sms:received": (1, 0, 0),
    "system:ping": (1, 16, 0),
    "sms:sent": (1, 18, 0),
    "sms:delivered": (1, 19, 0),
    "sms:failed": (1, 19, 0),
    "sms:data-received": (1, 39, 0),
    "mms:received": (1, 47, 0),
    "mms:downloaded": (1, 56, 0),
    "app:started": (1, 66, 0),
    "sms:cancelled": (1, 67, 0),
    "sms:batch:received": (1, 71, 0),
    "sms:batch:data-received": (1, 71, 0),
    "mms:batch:received": (1, 71, 0),
    "mms:batch:downloaded": (1, 71, 0),
}
_SINCE: Final[dict[str, Version]] = {
    "device_id": (1, 40, 0),
    "message_list": (1, 44, 0),
    "parts_count": (1, 48, 0),
    "own_number": (1, 54, 0),
    "tokens": (1, 55, 0),
    "star_and_hash": (1, 55, 1),
    "inbox": (1, 59, 0),
    "scheduling": (1, 61, 0),
    "passes_over_known": (1, 65, 2),
    "cancelling": (1, 67, 0),
    "half_hour_limit": (1, 67, 0),
    "attachments": (1, 68, 0),
    "work_hours": (1, 69, 0),
    "batches": (1, 71, 0),
    "sorting": (1, 72, 0),
    "mms": (1, 74, 0),
    "created_at": (1, 76, 0),
}
_VERSION: Final = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?")


@dataclass(frozen=True)
class App:
    """An app of one version; one that cannot be read counts as the newest."""

    version: Version

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the app of a version as it is written."""
        match = _VERSION.match(text) or _VERSION.match(NEWEST)
        assert match is not None
        major, minor, patch = (int(number or 0) for number in match.groups())
        return cls((major, minor, patch))

    def does(self, ability: str) -> bool:
        """Return True if this version has an ability."""
        return self.version >= _SINCE[ability]

    def knows(self, event: object) -> bool:
        """Return True if this version knows a webhook event."""
        since = EVENT_SINCE.get(str(event))
        return since is not None and self.version >= since
