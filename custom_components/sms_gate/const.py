"""Names that two or more modules share."""

from enum import StrEnum
from typing import Final

DOMAIN: Final = "sms_gate"
MANUFACTURER: Final = "SMS Gate"

CLOUD_URL: Final = "https://api.sms-gate.app/3rdparty/v1"
DEFAULT_PORT: Final = 8080

CONF_MODE: Final = "mode"
CONF_WEBHOOK_BASE_URL: Final = "webhook_base_url"
CONF_RECEIVE_MODE: Final = "receive_mode"
CONF_RECORD_MESSAGE_TEXT: Final = "record_message_text"
CONF_SIGNING_KEY: Final = "signing_key"
CONF_PARTS_PER_DAY: Final = "parts_per_day"
CONF_PARTS_PER_MONTH: Final = "parts_per_month"
CONF_DEFAULT_SIM: Final = "default_sim"
CONF_DAILY_LIMIT: Final = "daily_limit"
CONF_LINE_TEST: Final = "line_test"
CONF_LINE_TEST_NUMBER: Final = "line_test_number"
CONF_ADMINISTRATORS_ONLY: Final = "administrators_only"
CONF_KEEP_MESSAGES_DAYS: Final = "keep_messages_days"
CONF_MESSAGES_PAGE: Final = "messages_page"
CONF_IS_DEFAULT_ACCOUNT: Final = "is_default_account"
CONF_NOTIFY_SERVICE: Final = "notify_service"
CONF_EXPOSE_TO_ASSIST: Final = "expose_to_assist"
CONF_ENCRYPTION_PASSPHRASE: Final = "encryption_passphrase"  # noqa: S105  # a name
CONF_PHONE_NUMBER: Final = "phone_number"
CONF_SIM_NUMBER: Final = "sim_number"

SUBENTRY_CONTACT: Final = "contact"

MAX_RECIPIENTS: Final = 100
MAX_TEXT_LENGTH: Final = 65535


class Mode(StrEnum):
    """Where the gateway's API is."""

    CLOUD = "cloud"
    PRIVATE = "private"
    LOCAL = "local"


class ReceiveMode(StrEnum):
    """How the user wants messages to come in."""

    AUTO = "auto"
    WEBHOOK = "webhook"
    CLOUDHOOK = "cloudhook"
    POLL = "poll"
    OFF = "off"


class MessagesPage(StrEnum):
    """Who sees the Messages page."""

    ADMINISTRATORS = "administrators"
    EVERYONE = "everyone"
    OFF = "off"


class LineTestOption(StrEnum):
    """How often the lines of an account's phones are tested."""

    OFF = "off"
    WEEKLY = "weekly"
