"""Where the Prefect server is, and what it asks of whoever talks to it, as Prefect's own client finds it."""

import base64
import ssl
import urllib.request
from dataclasses import dataclass, field

from flows.engine.profile import DEFAULT_API_URL


@dataclass(frozen=True)
class Connection:
    """An API's address, what goes with every request, and how the server's certificate is looked at."""

    url: str
    ui_url: str  # of the browser
    headers: dict[str, str] = field(repr=False)  # with a password or a key
    certificates: ssl.SSLContext | None  # None where the address is no https

    @property
    def opener(self) -> urllib.request.OpenerDirector:
        """Sends requests, through a proxy where HTTPS_PROXY, HTTP_PROXY and NO_PROXY say so."""
        if self.certificates is None:
            return urllib.request.build_opener()
        return urllib.request.build_opener(urllib.request.HTTPSHandler(context=self.certificates))


def find_connection() -> Connection:
    """From Prefect's settings: the environment, `.env`, `prefect.toml` and the active profile, in this order.

    Where they name no server it is that of `flows up` on this machine. ValueError for an address that is none, and for
    settings that Prefect cannot read.
    """
    from prefect.settings import Settings

    settings = Settings()
    url = _require_address(settings.api.url or DEFAULT_API_URL)
    key, password = settings.api.key, settings.api.auth_string
    headers = {name: str(value) for name, value in settings.client.custom_headers.items()}
    if password:
        headers["Authorization"] = f"Basic {base64.b64encode(password.get_secret_value().encode()).decode()}"
    elif key:
        headers["Authorization"] = f"Bearer {key.get_secret_value()}"
    certificates = None
    if url.startswith("https://"):
        certificates = _certificates(
            settings.api.ssl_cert_file, is_unchecked=settings.api.tls_insecure_skip_verify
        )
    return Connection(url, settings.ui_url or url.removesuffix("/api"), headers, certificates)


def _certificates(authorities: str | None, *, is_unchecked: bool) -> ssl.SSLContext:
    """Trusts what the file `authorities` trusts, without one what the system does."""
    try:
        context = ssl.create_default_context(cafile=authorities)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(
            f"PREFECT_API_SSL_CERT_FILE is {authorities!r}, which cannot be read as certificates ({error}); "
            "name a PEM file with the certificate of the authority that signed the server's"
        ) from None
    if is_unchecked:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _require_address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(
            f"PREFECT_API_URL is {url!r}, but must be like {DEFAULT_API_URL}; set it so, or unset it"
        )
    return url.rstrip("/")
