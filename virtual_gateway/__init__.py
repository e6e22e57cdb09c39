"""A virtual SMS Gateway: cloud, private server and phone on one port."""

from .faults import Fault
from .gateway import VirtualGateway
from .phone import VirtualPhone, VirtualSim
from .records import RecordedRequest, SentFile, SentSms, WebhookDelivery

__all__ = [
    "Fault",
    "RecordedRequest",
    "SentFile",
    "SentSms",
    "VirtualGateway",
    "VirtualPhone",
    "VirtualSim",
    "WebhookDelivery",
]
