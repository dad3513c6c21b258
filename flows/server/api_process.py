"""The child process that is Prefect's server: its API, and its UI where the environment asks for it."""

import sys
from pathlib import Path

from blender_assets.both_sides.child_protocol import exit_when_stdin_closes
from flows.engine.importing import without_collections


def serve(host: str, port: int) -> None:
    """Answer until the parent ends this process, or dies and thereby closes its stdin."""
    with without_collections():
        import prefect
        import uvicorn
        from prefect.server.api.server import create_app

        from flows.server.sqlite_cursors import close_failed_cursors

    close_failed_cursors()
    # Not served: Prefect's second UI asks its maker's servers, and the first one advertises it on every page.
    prefect.__ui_v2_static_path__ = Path(__file__).with_name("no-second-ui")
    exit_when_stdin_closes()
    uvicorn.run(create_app, factory=True, host=host, port=port, log_level="error", lifespan="on")


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
