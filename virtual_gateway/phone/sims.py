"""The SIM cards of a phone."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VirtualSim:
    """One SIM card; its number counts from 1 as the API does."""

    number: int
    phone_number: str | None = None
    carrier: str | None = None
    iccid: str | None = None

    def as_phone_json(self) -> dict[str, object]:
        """Return the card as the phone shows it: whole, without what it lacks."""
        return self._json(self.phone_number, self.carrier, self.iccid)

    def as_server_json(self) -> dict[str, object]:
        """Return the card as the phone tells it to a server: the last four only."""
        return self._json(
            redacted(self.phone_number), redacted(self.carrier), redacted(self.iccid)
        )

    def _json(
        self, phone_number: str | None, carrier: str | None, iccid: str | None
    ) -> dict[str, object]:
        """Return the fields both sides share."""
        optional = {
            "phoneNumber": phone_number or None,
            "carrierName": carrier or None,
            "iccid": iccid or None,
        }
        shown: dict[str, object] = {
            "slotIndex": self.number - 1,
            "simNumber": self.number,
        }
        return shown | {key: item for key, item in optional.items() if item is not None}


def redacted(value: str | None) -> str | None:
    """Return a value with all but its last four characters starred."""
    if value is None:
        return None
    if len(value) <= 4:
        return "****"
    return "*" * (len(value) - 4) + value[-4:]
