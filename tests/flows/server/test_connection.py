"""How commands reach a server behind a company's proxy: TLS by its own authority, a key, a path, Prefect's profiles."""

import datetime
import os
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from unittest import mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from flows.server.connection import find_connection
from flows.server.embedded_server import prefect_api, wait_for_api
from tasks.artifacts.code_version import PROJECT_ROOT

KEY, TEAM = "pnu_sesame", "vision"
PLACE = "/prefect/api"  # of the API behind the proxy; the server itself has it at /api


def write_certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proxy")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "proxy.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    return path


class Proxy(BaseHTTPRequestHandler):
    """Passes on what has the key and the team's header; all else is refused as a proxy does."""

    server_url = ""  # ends in /api

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        known = (f"Bearer {KEY}", TEAM)
        if (self.headers["Authorization"], self.headers["X-Team"]) != known or not self.path.startswith(
            f"{PLACE}/"
        ):
            self.reply(401, b"{}")
            return
        headers = {
            name: value for name, value in self.headers.items() if name.startswith(("Content-T", "Prefect"))
        }
        path = self.server_url + self.path.removeprefix(PLACE)
        request = urllib.request.Request(path, body, headers, method=self.command)
        try:
            with urllib.request.urlopen(request) as answer:
                self.reply(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            self.reply(error.code, error.read())

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

    def reply(self, code: int, text: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *words) -> None: ...


@contextmanager
def proxy_before(server_url: str, certificate: Path) -> Iterator[str]:
    """The address that it listens on."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("ItsProxy", (Proxy,), {"server_url": server_url}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}{PLACE}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """Before a real server that protects itself against forged requests: the proxy's address and its certificate."""
    certificate = write_certificate(tmp_path_factory.mktemp("certificate"))
    with mock.patch.dict(os.environ, {"PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true"}):
        os.environ.pop("PREFECT_API_URL", None)
        with prefect_api(tmp_path_factory.mktemp("store")):
            wait_for_api()
            with proxy_before(os.environ["PREFECT_API_URL"], certificate) as url:
                yield url, certificate


def ask(home: Path, *command: str, **profile: str) -> subprocess.CompletedProcess:
    """Run a command of ours whose only knowledge of the server is a profile in the folder of Prefect."""
    lines = [
        'active = "company"',
        "[profiles.company]",
        *(f"{name} = '{text}'" for name, text in profile.items()),
    ]
    (home / "profiles.toml").write_text("\n".join(lines))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.run(
        [sys.executable, "-m", "flows", *command],
        env=environment | {"PREFECT_HOME": str(home)},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )


def test_a_server_behind_tls_with_a_key_a_path_and_protection_against_forgery_is_reached_by_a_profile(
    proxy, tmp_path
):
    url, certificate = proxy
    profile = {
        "PREFECT_API_URL": url,
        "PREFECT_API_KEY": KEY,
        "PREFECT_API_SSL_CERT_FILE": str(certificate),
        "PREFECT_CLIENT_CUSTOM_HEADERS": f'{{"X-Team": "{TEAM}"}}',
    }
    deployed = ask(tmp_path, "deploy", **profile)
    assert deployed.returncode == 0, deployed.stderr
    assert "augment/photos-to-report made" in deployed.stdout
    listed = ask(tmp_path, "runs", **profile)
    assert listed.returncode == 0 and "run" in listed.stdout, listed.stderr


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        ("PREFECT_API_SSL_CERT_FILE", "is not trusted (self-signed certificate)"),
        ("PREFECT_API_KEY", "asks for a password or a key; set PREFECT_API_AUTH_STRING"),
    ],
)
def test_what_a_profile_lacks_is_said_in_a_line(proxy, tmp_path, missing, line):
    url, certificate = proxy
    profile = {
        "PREFECT_API_URL": url,
        "PREFECT_API_KEY": KEY,
        "PREFECT_API_SSL_CERT_FILE": str(certificate),
        "PREFECT_CLIENT_CUSTOM_HEADERS": f'{{"X-Team": "{TEAM}"}}',
    }
    del profile[missing]
    for command in ("runs", "deploy"):
        refused = ask(tmp_path, command, **profile)
        assert refused.returncode == 2 and line in refused.stderr and "Traceback" not in refused.stderr


def test_a_ui_under_another_name_is_what_links_point_to(monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4200/api")
    monkeypatch.setenv("PREFECT_UI_URL", "https://flows.example/prefect")
    assert find_connection().ui_url == "https://flows.example/prefect"


def test_a_file_that_holds_no_certificates_is_named(monkeypatch, tmp_path):
    (tmp_path / "empty.pem").touch()
    monkeypatch.setenv("PREFECT_API_URL", "https://127.0.0.1/api")
    monkeypatch.setenv("PREFECT_API_SSL_CERT_FILE", str(tmp_path / "empty.pem"))
    with pytest.raises(ValueError, match=r"PREFECT_API_SSL_CERT_FILE is .*empty.pem.*name a PEM file"):
        find_connection()
