from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import ClientWebSocketResponse
from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request

class MockHAClientWebSocket(ClientWebSocketResponse):
    client: TestClient[Request, Application]
    send_json_auto_id: Callable[[dict[str, Any]], Coroutine[Any, Any, None]]

type ClientSessionGenerator = Callable[
    ..., Coroutine[Any, Any, TestClient[Request, Application]]
]
type WebSocketGenerator = Callable[..., Coroutine[Any, Any, MockHAClientWebSocket]]
