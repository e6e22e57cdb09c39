"""The one exception that ends a request with a refusal."""

from collections.abc import Mapping


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure
    """Ends a request with a status and, where the real side has one, a message."""

    def __init__(
        self,
        status: int,
        message: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message or str(status))
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
