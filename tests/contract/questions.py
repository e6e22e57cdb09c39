"""The questions: our own list, grouped by what they are about."""

from .questions_auth import AUTH
from .questions_messages import MESSAGES
from .questions_rest import REST
from .questions_send import SENDING
from .questions_webhooks import WEBHOOKS
from .scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (*AUTH, *SENDING, *MESSAGES, *WEBHOOKS, *REST)
