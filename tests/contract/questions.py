"""The questions: our own list, grouped by what they are about."""

from .questions_auth import AUTH
from .questions_messages import MESSAGES
from .questions_rest import REST
from .scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (*AUTH, *MESSAGES, *REST)
