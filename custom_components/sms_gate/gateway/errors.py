"""What can go wrong between this integration and the gateway.

Nothing here carries a phone number, a text or a credential.
"""

from http import HTTPStatus


class GatewayError(Exception):
    """Base of all errors of the client.

    ``retry_after`` is when the other end wants to be asked again, in seconds.
    """

    retry_after: float | None = None


class GatewayConnectionError(GatewayError):
    """The gateway could not be reached, or the connection broke.

    A request that changes something may have been carried out all the same.
    """


class GatewayUnreachableError(GatewayConnectionError):
    """No connection could be made at all, so nothing was carried out."""


class GatewayHostError(GatewayUnreachableError):
    """The host's name cannot be resolved."""


class NoNetworkError(GatewayUnreachableError):
    """This machine has no network adapter that is up."""


class GatewayTlsError(GatewayUnreachableError):
    """The other end does not speak TLS; most often it speaks http only."""


class GatewayCertificateError(GatewayUnreachableError):
    """The other end's certificate is not trusted."""


class GatewayTimeoutError(GatewayConnectionError):
    """The gateway did not answer in time; the request may have been carried out."""


class GatewayServerError(GatewayConnectionError):
    """The gateway failed (5xx); the request may have been carried out."""

    def __init__(self, status: int, retry_after: float | None = None) -> None:
        """Remember the HTTP status."""
        super().__init__(f"HTTP status {status}")
        self.status = status
        self.retry_after = retry_after


class GatewayUnavailableError(GatewayServerError):
    """Something says "not now" (408, 429, 503), but not in the gateway's words.

    A proxy says so as well, also after it has passed the request on.
    """


class GatewayBusyError(GatewayError):
    """The gateway accepts no more messages for now; nothing was carried out."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        """Keep the gateway's words."""
        super().__init__("The gateway is busy")
        self.reason = reason
        self.retry_after = retry_after


class GatewayAuthError(GatewayError):
    """Username or password are wrong (401), or do not suffice (403)."""


class GatewayRejectedError(GatewayError):
    """The gateway refused the request (4xx); nothing was carried out."""

    def __init__(self, status: int, reason: str) -> None:
        """Keep the HTTP status and the gateway's words.

        The words may name what was sent, so they stay out of the message that
        a traceback or a log would show.
        """
        super().__init__(f"HTTP status {status}")
        self.status = status
        self.reason = reason

    @property
    def is_about_one_number(self) -> bool:
        """Return True if a server refuses a message for one of its numbers."""
        words = self.reason.casefold()
        is_bad = self.status == HTTPStatus.BAD_REQUEST
        return is_bad and "phone number" in words and "phone numbers" not in words


class GatewayNotFoundError(GatewayRejectedError):
    """There is no such message, device or path (404)."""


class GatewayConflictError(GatewayRejectedError):
    """The message's state or id does not allow it (409)."""


class GatewayResponseError(GatewayError):
    """Something else answered: another server, a proxy, a captive portal."""


class GatewayRedirectError(GatewayResponseError):
    """The answer leads elsewhere (3xx); redirects are not followed."""

    def __init__(self, status: int, location: str) -> None:
        """Keep the address out of the message that a log would show."""
        super().__init__(f"HTTP status {status}")
        self.location = location


class InvalidPayloadError(ValueError):
    """A body is not what the gateway's documentation says; names the field only."""
