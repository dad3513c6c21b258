"""Commands of `python -m flows` around a Prefect server: start one, join it, send it runs and look at them."""

import argparse
from pathlib import Path
from typing import Any

from flows.commands.store_arguments import add_store, store_place
from flows.engine.profile import DEFAULT_HOST, DEFAULT_PORT, apply_client_profile
from flows.server.pools import POOLS
from tasks.artifacts.opening import DEFAULT


def add_serving_commands(commands: Any) -> None:
    """`commands` is what `add_subparsers` gave."""
    _add_up(commands.add_parser("up", help="start a Prefect server with workers on this machine"))
    deploy = commands.add_parser("deploy", help="put the deployments of prefect.yaml on a running server")
    deploy.set_defaults(command=_deploy)
    deploy.add_argument("--reset", action="store_true", help="also undo what people changed on the server")
    deploy.add_argument(
        "--dry-run", action="store_true", help="say what would change on the server, and write nothing"
    )
    deploy.add_argument(
        "--pools",
        type=Path,
        metavar="FILE",
        help="of what kind the pools are: of containers or Kubernetes jobs instead of processes (docker/pools has examples)",
    )
    deploy.add_argument(
        "--notify",
        metavar="TYPE/NAME",
        help="a notification block of the server's, by which people are told of runs that fail or are late and of pools "
        "without workers, e.g. slack-webhook/operators",
    )
    _add_worker(commands.add_parser("worker", help="take runs of one pool from a running server"))
    _add_submit(
        commands.add_parser("submit", help="send a run or a sweep to a running server, and follow it")
    )
    runs = commands.add_parser("runs", help="the newest runs of a server")
    runs.set_defaults(command=_runs)
    runs.add_argument("--limit", type=int, default=20, metavar="N", help="default: %(default)s")
    runs.add_argument("--scheduled", action="store_true", help="those that schedules made for later, instead")
    for name, command, words in (
        ("why", _why, "what a run on a server waits for"),
        ("logs", _logs, "what a run on a server logged"),
        ("follow", _follow, "follow a run that was submitted before"),
        ("cancel", _cancel, "end a run on a server; what is finished is kept"),
    ):
        parser = commands.add_parser(name, help=words)
        parser.set_defaults(command=command)
        parser.add_argument("run", metavar="RUN", help="its name (the newest), or the first digits of its id")
    _add_pages(commands.add_parser("pages", help="serve the pages of runs to browsers, for reading alone"))
    _add_watch(commands.add_parser("watch", help="look for new photos or images of a run at regular times"))


def _add_up(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_up)
    parser.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--store",
        default=DEFAULT,
        help="store that keeps the server's database and logs in its folder prefect (default: %(default)s)",
    )


def _add_worker(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_worker)
    parser.add_argument("--pool", required=True, choices=POOLS)
    parser.add_argument(
        "--limit", type=int, metavar="N", help="runs at once (default: 1 in gpu, one a core in render)"
    )
    parser.add_argument("--name", help="as the server lists it (default: this machine's and the pool's)")


def _add_submit(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_submit)
    parser.add_argument("config", type=Path, metavar="CONFIG.yaml")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="override one field"
    )
    parser.add_argument("--detach", action="store_true", help="only send it")


def _add_pages(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_pages)
    add_store(parser)
    parser.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=4280, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--auth-file",
        type=Path,
        metavar="FILE",
        help="a file with user:password, which readers are asked for; or set VERISIM_PAGES_AUTH",
    )


def _add_watch(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_watch)
    parser.add_argument("config", type=Path, metavar="CONFIG.yaml", help="run configuration")
    parser.add_argument(
        "--photos",
        metavar="FOLDER",
        help="of a site: folder or bucket prefix with a sub-folder of photos for each camera",
    )
    parser.add_argument(
        "--every", type=int, default=300, metavar="SECONDS", help="between two looks (default: %(default)s)"
    )
    parser.add_argument(
        "--retrain", action="store_true", help="of a site: train a new refiner for every version"
    )
    parser.add_argument("--stop", action="store_true", help="look no more")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="override one field of the runs"
    )


def _up(options: argparse.Namespace) -> int:
    from flows.commands.up import Serving, up

    return up(Serving(options.host, options.port, options.store))


def _deploy(options: argparse.Namespace) -> int:
    apply_client_profile()
    from flows.server.deploy import Wanted, deploy

    wanted = Wanted(pools=options.pools, notify=options.notify)
    deploy(is_reset=options.reset, is_rehearsed=options.dry_run, wanted=wanted)
    return 0


def _worker(options: argparse.Namespace) -> int:
    apply_client_profile()
    from flows.server.worker import work, worker_place

    if options.limit is not None and options.limit < 1:
        raise ValueError(f"--limit must be 1 or more, but was {options.limit}")
    work(worker_place(options.pool, limit=options.limit, name=options.name), print)
    return 0


def _pages(options: argparse.Namespace) -> int:
    from flows.commands.pages import PageServer, serve_pages

    return serve_pages(PageServer(store_place(options), options.host, options.port, options.auth_file))


def _submit(options: argparse.Namespace) -> int:
    from flows.commands.submit import submit

    return submit(options.config, options.set, is_detached=options.detach)


def _runs(options: argparse.Namespace) -> int:
    from flows.commands.runs import list_runs

    return list_runs(options.limit, is_scheduled=options.scheduled)


def _why(options: argparse.Namespace) -> int:
    from flows.commands.runs import tell_why

    return tell_why(options.run)


def _logs(options: argparse.Namespace) -> int:
    from flows.commands.runs import show_logs

    return show_logs(options.run)


def _follow(options: argparse.Namespace) -> int:
    from flows.commands.runs import follow_run

    return follow_run(options.run)


def _cancel(options: argparse.Namespace) -> int:
    from flows.commands.runs import cancel_run

    return cancel_run(options.run)


def _watch(options: argparse.Namespace) -> int:
    apply_client_profile()
    from flows.commands.watch import Watching, watch_run

    watching = Watching(
        options.config, tuple(options.set), options.photos, options.every, is_retrained=options.retrain
    )
    return watch_run(watching, is_stopped=options.stop)
