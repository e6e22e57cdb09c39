"""A button of each phone: test the line."""

from typing import Final, override

from homeassistant.components.button import (
    DOMAIN as PLATFORM,
    ButtonEntity,
    ButtonEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account.exceptions import failure
from .entity import PhoneStateEntity, async_add_phone_entities
from .runtime import SmsGateConfigEntry
from .services import async_check_user

PARALLEL_UPDATES = 0

TEST_LINE: Final = ButtonEntityDescription(
    key="test_line",
    translation_key="test_line",
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmsGateConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the button of each phone, now and later."""
    async_add_phone_entities(
        entry,
        async_add_entities,
        platform=PLATFORM,
        descriptions=lambda _state: (TEST_LINE,),
        is_known=lambda _description, _state: True,
        make=LineButton,
    )


class LineButton(PhoneStateEntity, ButtonEntity):
    """Tests the line of a phone; sensors and repairs show what came of it."""

    @override
    async def async_press(self) -> None:
        """Test the line, and raise an error if a leg failed."""
        await async_check_user(self.hass, self._context)
        runtime = self._entry.runtime_data
        test = await runtime.line_tester.async_test(self._gateway_device_id)
        if test.failed is not None:
            name = runtime.account.phones.name(self._gateway_device_id)
            raise failure("line_test_failed", phone=name)
