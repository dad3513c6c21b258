"""Prefect as this project wants it: quiet and offline, with its database in a folder of the store."""

import os
from pathlib import Path

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 4200
DEFAULT_API_URL = f"http://{DEFAULT_HOST}:{DEFAULT_PORT}/api"
_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
}
# One transaction for each state of each step is what a server would otherwise spend most of its time on.
_IN_BATCHES = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "2",
}
_EMBEDDED = (
    _QUIET
    | _IN_BATCHES
    | {
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
    }
)
_SERVING = (
    _QUIET
    | _IN_BATCHES
    | {
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
        # Between the sending of a run and its start lies one look of the worker; a look costs some milliseconds.
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "5",
        # Kept in memory, the slots of a killed server's runs would never be free again.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        # Runs go on while a server is started again: each try waits twice as long as the one before, four minutes in all.
        "PREFECT_CLIENT_MAX_RETRIES": "7",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "verisim",  # our own warnings belong to a run's logs
    }
)


def apply_embedded_profile(store: Path) -> None:
    """Set Prefect's environment before it is imported. A server that the user chose, and the user's values, stay."""
    if "PREFECT_API_URL" in os.environ:
        return
    _set_defaults(embedded_environment(store))


def embedded_environment(store: Path) -> dict[str, str]:
    """What a server of our own and its clients find in their environment; makes Prefect's folder."""
    home = store.resolve() / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    return {"PREFECT_HOME": str(home)} | _EMBEDDED


def apply_serving_profile(home: Path, *, host: str, port: int, url: str) -> None:
    """Set the environment of the server and the workers of `flows up`, whose API is below `url`. The user's values stay."""
    address = {
        "PREFECT_SERVER_API_HOST": host,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_API_URL": f"{url}/api",
    }
    os.environ.update(address)
    if password := os.environ.get("PREFECT_SERVER_API_AUTH_STRING"):
        os.environ.setdefault("PREFECT_API_AUTH_STRING", password)
    _set_defaults({"PREFECT_HOME": str(home)} | _SERVING)


def apply_client_profile() -> None:
    """Set the environment of what talks to a running server: the one that Prefect's settings name, or that of `flows up`.

    Settings are the environment, `.env`, `prefect.toml` and the active profile. Prefect is imported here.
    """
    _set_defaults(_SERVING)
    from prefect.context import refresh_global_settings_context
    from prefect.settings import get_current_settings

    if get_current_settings().api.url is None:
        os.environ["PREFECT_API_URL"] = DEFAULT_API_URL
        refresh_global_settings_context()


def _set_defaults(settings: dict[str, str]) -> None:
    for name, value in settings.items():
        os.environ.setdefault(name, value)
