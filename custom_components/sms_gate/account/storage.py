"""Reading what is stored, also where the file is damaged."""

from collections.abc import Callable
import logging
from typing import Any

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store

_LOGGER = logging.getLogger(__name__)


async def async_load_store[T](store: Store[Any], read: Callable[[Any], T]) -> T | None:
    """Return what is stored; None where there is nothing, or nothing that can be read.

    What cannot be read is written over with the next change.
    """
    try:
        stored = await store.async_load()
        return None if stored is None else read(stored)
    # A file of another shape fails anywhere, in our code and in Home Assistant's
    except (
        HomeAssistantError,
        NotImplementedError,
        ArithmeticError,
        AttributeError,
        LookupError,
        OSError,
        TypeError,
        ValueError,
    ) as err:
        _LOGGER.error("Cannot read %s: %s", store.key, type(err).__name__)
        return None
