"""A camera that shows one picture."""

from homeassistant.components import camera
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_component import EntityComponent
from homeassistant.setup import async_setup_component


class Camera(camera.Camera):
    """A camera that shows one picture, or none."""

    def __init__(self, name: str, picture: bytes | None) -> None:
        """Set what it shows."""
        super().__init__()
        self._attr_name = name
        self.picture = picture

    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Return the picture."""
        return self.picture


async def add_camera(hass: HomeAssistant, name: str, picture: bytes | None) -> Camera:
    """Add a camera to Home Assistant."""
    assert await async_setup_component(hass, "camera", {})
    component: EntityComponent[camera.Camera] = hass.data[camera.DATA_COMPONENT]
    added = Camera(name, picture)
    await component.async_add_entities([added])
    return added
