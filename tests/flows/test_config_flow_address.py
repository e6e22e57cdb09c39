"""Where the gateway is: addresses as people type them, and the API's path."""

from pathlib import Path
from typing import Any
from unittest.mock import Mock

from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler
from aiohttp.web import Application, Request, Response
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.sms_gate.account import login
from custom_components.sms_gate.account.login import (
    InvalidUrlError,
    local_address,
    private_base_url,
)
from tests.support.common import Rig
from tests.support.flows import add, start, submit, suggested, typed, use_cloud
from tests.support.servers import Refusal, own_certificate
from virtual_gateway import VirtualGateway

LOGIN = {"username": "user", "password": "pass"}


@pytest.mark.parametrize(
    ("part", "path"), [("private", "/api/3rdparty/v1"), ("cloud", "/3rdparty/v1")]
)
@pytest.mark.parametrize(
    "more", ["", "/", "/api/3rdparty/v1", "/3rdparty/v1/", "?x=1#y"]
)
async def test_the_path_is_found(
    hass: HomeAssistant, web: Any, part: str, path: str, more: str
) -> None:
    """Both paths are tried, whatever part of one was entered."""
    async with VirtualGateway(paths=(part,)) as gateway:
        entered = typed("private", gateway, url=gateway.url + more)
        result = await add(hass, "private", entered)
        assert result["result"].data["url"] == gateway.url + path
        await hass.config_entries.async_remove(result["result"].entry_id)


@pytest.mark.parametrize("part", ["private", "cloud"])
async def test_a_wrong_password_is_told_at_either_path(
    hass: HomeAssistant, part: str
) -> None:
    """The path that is not there does not hide what the other one said."""
    async with VirtualGateway(paths=(part,)) as gateway:
        wrong = typed("private", gateway, password="wrong")
        result = await add(hass, "private", wrong)
    assert result["errors"] == {"base": "invalid_auth"}


async def test_a_phone_is_no_private_server(hass: HomeAssistant) -> None:
    """Who mixes the modes up is told."""
    async with VirtualGateway(paths=("phone",)) as gateway:
        result = await add(hass, "private", typed("private", gateway))
    assert result["errors"] == {"base": "not_a_gateway"}


async def test_a_server_is_no_phone(hass: HomeAssistant) -> None:
    """Nor the other way round."""
    async with VirtualGateway(paths=("private", "cloud")) as gateway:
        result = await add(hass, "local", typed("local", gateway))
    assert result["errors"] == {"base": "not_a_gateway"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "://",
        "https://",
        "ftp://sms.example.com",
        "http://[::1",
        "http://sms.example.com:port",
        "http://sms.example.com:99999",
        "my server",
        "http://sms example.com",
    ],
)
async def test_what_is_no_address_of_a_server_is_told(
    hass: HomeAssistant, url: str
) -> None:
    """Nothing is asked, and nobody reads a traceback."""
    result = await add(hass, "private", {"url": url, "verify_ssl": True, **LOGIN})
    assert result["errors"] == {"base": "invalid_url"}


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "https://127.0.0.1:8080",
        "127.0.0.1:port",
        "127.0.0.1:99999",
        "a phone",
        "user@127.0.0.1",
        "127.0.0.1?x",
        "[::1",
        "xn--a",
    ],
)
async def test_what_is_no_address_of_a_phone_is_told(
    hass: HomeAssistant, host: str
) -> None:
    """Nothing is asked; the app itself speaks no https."""
    result = await add(hass, "local", {"host": host, "port": 8080, **LOGIN})
    assert result["errors"] == {"base": "invalid_url"}


@pytest.mark.parametrize(
    "host",
    [
        " 127.0.0.1:{port}\t",
        "http://127.0.0.1:{port}",
        "http://127.0.0.1:{port}/",
        "HTTP://127.0.0.1:{port}/messages",
        "\u202a127.0.0.1:{port}\u202c",
        "<http://127.0.0.1:{port}>",
        "\u201c127.0.0.1:{port}\u201d",
        "127.0.0.1:{port}.",
        "\u0661\u0662\u0667.0.0.1:{port}",
        "127\uff0e0\uff0e0\uff0e1\uff1a{port}",
    ],
)
async def test_a_phones_address_is_accepted_as_the_app_shows_it(
    hass: HomeAssistant, rig: Rig, host: str
) -> None:
    """With scheme and port, whatever keyboard or clipboard add round it."""
    port = rig.gateway.port
    entered = typed("local", rig.gateway, host=host.format(port=port), port=8080)
    result = await add(hass, "local", entered)
    data = result["result"].data
    assert (data["host"], data["port"]) == ("127.0.0.1", port)
    assert data["url"] == rig.gateway.url


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("192.168.1.20", 8081, ("192.168.1.20", 8081)),
        ("192.168.1.20", None, ("192.168.1.20", 8080)),
        ("http://phone.local", 8081, ("phone.local", 8081)),
        ("fe80::1", 8080, ("fe80::1", 8080)),
        ("[fe80::1]:8082", 8080, ("fe80::1", 8082)),
        ("Telefon-K\u00fcche", 8080, ("telefon-k\u00fcche", 8080)),
    ],
)
def test_the_port_in_an_address_wins(
    host: str, port: int | None, expected: tuple[str, int]
) -> None:
    """Without one the form's is used, then the app's own."""
    assert local_address(host, port) == expected


@pytest.mark.parametrize("mode", ["cloud", "private", "local"])
@pytest.mark.parametrize("around", [" {} ", "\t{}\n", "\u200f{}\u200e", "\ufeff{}"])
async def test_what_stands_round_a_login_does_not_matter(
    hass: HomeAssistant,
    rig: Rig,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    around: str,
) -> None:
    """Blanks and invisible marks come with copying; a password keeps its inner ones."""
    use_cloud(monkeypatch, rig.gateway)
    rig.gateway.password = "pass word"
    login = {
        "username": around.format(rig.gateway.username),
        "password": around.format("pass word"),
    }
    result = await add(hass, mode, typed(mode, rig.gateway, **login))
    data = result["result"].data
    assert (data["username"], data["password"]) == ("user", "pass word")


async def test_a_server_without_https_is_asked_for_nothing_before_a_yes(
    hass: HomeAssistant, web: Any
) -> None:
    """No scheme: https is tried, http is found without the login, then confirmed."""
    async with VirtualGateway(paths=("private",)) as gateway:
        entered = typed("private", gateway, url=f"127.0.0.1:{gateway.port}")
        flow_id = await start(hass, "private")
        result = await submit(hass, flow_id, entered)
        assert (result["type"], result["step_id"]) == ("form", "confirm_http")
        assert result["description_placeholders"] == {"address": gateway.url}
        assert gateway.requests
        assert all("Authorization" not in item.headers for item in gateway.requests)
        result = await submit(hass, flow_id, {})
        assert result["type"] == "create_entry"
        assert result["result"].data["url"] == f"{gateway.url}/api/3rdparty/v1"
        await hass.config_entries.async_remove(result["result"].entry_id)


async def test_after_a_yes_a_wrong_password_leads_back_to_the_form(
    hass: HomeAssistant, web: Any
) -> None:
    """The address in the form is the one that was confirmed."""
    async with VirtualGateway(paths=("private",)) as gateway:
        entered = typed("private", gateway, url=f"127.0.0.1:{gateway.port}")
        flow_id = await start(hass, "private")
        await submit(hass, flow_id, {**entered, "password": "wrong"})
        result = await submit(hass, flow_id, {})
        assert (result["step_id"], result["errors"]) == (
            "private",
            {"base": "invalid_auth"},
        )
        assert suggested(result)["url"] == gateway.url
        assert "password" not in suggested(result)


async def test_who_asked_for_https_is_told_how_to_do_without(
    hass: HomeAssistant,
) -> None:
    """The password is not sent, and the address to enter is shown."""
    async with VirtualGateway(paths=("private",)) as gateway:
        url = gateway.url.replace("http", "https")
        result = await add(hass, "private", typed("private", gateway, url=url))
        assert result["errors"] == {"base": "http_only"}
        assert result["description_placeholders"] == {"address": gateway.url}
        assert all("Authorization" not in item.headers for item in gateway.requests)


async def test_a_redirect_to_https_is_told(hass: HomeAssistant) -> None:
    """Redirects are not followed: a password goes where the person sent it."""

    async def redirect(request: Request) -> Response:
        return Response(status=308, headers={"Location": f"https://a{request.path}"})

    result = await _add_answered(hass, redirect)
    assert result["errors"] == {"base": "redirected"}


@pytest.mark.parametrize("status", [200, 302, 401, 403, 407, 511])
async def test_a_page_of_something_else_is_no_wrong_password(
    hass: HomeAssistant, status: int
) -> None:
    """A proxy or a hotel's login page answers in HTML."""

    async def page(_request: Request) -> Response:
        return Response(status=status, text="<html>", content_type="text/html")

    result = await _add_answered(hass, page)
    assert result["errors"]["base"] in ("not_a_gateway", "cannot_connect")


async def test_an_account_waits_for_the_network(
    hass: HomeAssistant, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Wi-Fi that is up after Home Assistant started keeps no account away."""
    account = await rig.add_account()
    with monkeypatch.context() as patch:
        patch.setattr(login, "async_get_clientsession", Mock(side_effect=OSError))
        assert not await hass.config_entries.async_reload(account.entry.entry_id)
        assert account.entry.error_reason_translation_key == "no_network"
        assert account.entry.state is ConfigEntryState.SETUP_RETRY
    assert await hass.config_entries.async_reload(account.entry.entry_id)


async def test_a_server_without_its_database_is_no_wrong_password(
    hass: HomeAssistant, rig: Rig
) -> None:
    """It says so itself, without a login."""
    rig.gateway.server_healthy = False
    result = await add(hass, "private", typed("private", rig.gateway))
    assert result["errors"] == {"base": "server_unhealthy"}


async def test_one_account_under_two_addresses_is_one(
    hass: HomeAssistant, rig: Rig
) -> None:
    """It is known by its phones."""
    await add(hass, "private", typed("private", rig.gateway))
    async with VirtualGateway() as elsewhere:
        elsewhere.phones[0].id = rig.gateway.phones[0].id
        result = await add(hass, "private", typed("private", elsewhere))
    assert (result["type"], result["reason"]) == ("abort", "already_configured")


async def _add_answered(hass: HomeAssistant, handler: Handler) -> Any:
    """Add an account at a server that answers everything in one way."""
    app = Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app, host="127.0.0.1") as server:
        url = str(server.make_url("/"))
        return await add(hass, "private", {"url": url, "verify_ssl": True, **LOGIN})


@pytest.mark.parametrize(
    ("entered", "base"),
    [
        ("sms.example.com", "https://sms.example.com"),
        ("SMS.example.com:8443/", "https://sms.example.com:8443"),
        ("https://sms.example.com:443", "https://sms.example.com"),
        ("http://sms.example.com:80/", "http://sms.example.com"),
        ("http://192.168.1.5:3000", "http://192.168.1.5:3000"),
        ("https://user:pass@sms.example.com", "https://sms.example.com"),
        ("https://example.com/sms/", "https://example.com/sms"),
        (
            "https://example.com/sms/api/3rdparty/v1/messages?x",
            "https://example.com/sms/api/3rdparty/v1/messages",
        ),
        ("https://example.com/sms/api/3rdparty/v1", "https://example.com/sms"),
        ("[::1]:3000", "https://[::1]:3000"),
    ],
)
def test_an_address_is_brought_into_one_form(entered: str, base: str) -> None:
    """One server has one name, however it was written."""
    assert private_base_url(entered) == base
    assert private_base_url(base) == base


@given(
    entered=st.text(max_size=30)
    | st.text(alphabet="htps:/.[]@%#? a0\u0661-", max_size=20).map("http://{}".format)
)
@settings(deadline=None, max_examples=300)
def test_any_text_is_an_address_or_invalid(entered: str) -> None:
    """Whatever is typed, nothing else comes out."""
    try:
        assert private_base_url(entered).startswith("http")
    except InvalidUrlError:
        pass


@pytest.mark.parametrize("verify", [True, False])
async def test_an_own_certificate_is_taken_only_when_told(
    hass: HomeAssistant, tmp_path: Path, *, verify: bool
) -> None:
    """With the check on, the password does not leave the house."""
    with own_certificate(tmp_path) as port:
        url = f"https://127.0.0.1:{port}"
        result = await add(hass, "private", {"url": url, "verify_ssl": verify, **LOGIN})
    assert result["errors"]["base"] == ("certificate" if verify else "invalid_auth")
    assert bool(Refusal.asked) is not verify
