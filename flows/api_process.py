"""The child process that is Prefect's server: its API, and its UI where the environment asks for it."""

import sys

from blender_assets.child_protocol import exit_when_stdin_closes


def serve(host: str, port: int) -> None:
    """Answer until the parent ends this process, or dies and thereby closes its stdin."""
    import uvicorn

    exit_when_stdin_closes()
    application = "prefect.server.api.server:create_app"
    uvicorn.run(application, factory=True, host=host, port=port, log_level="error", lifespan="on")


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
