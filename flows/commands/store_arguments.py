"""Arguments of the command line that name a store, and the commands `artifacts ...` that look into one."""

import argparse

from tasks.artifacts.opening import DEFAULT, StorePlace


def add_store(parser: argparse.ArgumentParser, *, default: str = DEFAULT) -> None:
    """`default` SUPPRESS leaves what the command in front of this one was given."""
    parser.add_argument(
        "--store",
        default=default,
        help=f"folder or URL of the store, e.g. s3://bucket/prefix (default: {DEFAULT})",
    )
    parser.add_argument(
        "--store-cache",
        default=default,
        metavar="FOLDER",
        help=f"this host's folder for a store with a URL (default: {DEFAULT})",
    )


def store_place(options: argparse.Namespace) -> StorePlace:
    return StorePlace(options.store, options.store_cache)


def add_artifact_commands(parser: argparse.ArgumentParser) -> None:
    add_store(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("ls", help="list all artifacts").set_defaults(command=_ls)
    show = commands.add_parser("show", help="files, configuration and lineage of one artifact")
    show.add_argument("key", metavar="KEY", help="the key or its first digits, or a tag")
    show.set_defaults(command=_show)
    verify = commands.add_parser(
        "verify", help="check every artifact; damaged ones are taken out and built again"
    )
    verify.add_argument("--deep", action="store_true", help="read and hash every byte")
    verify.set_defaults(command=_verify)
    _add_tag_commands(commands)
    _add_gc_command(commands.add_parser("gc", help="remove what no run and no tag reaches"))
    budget = commands.add_parser("budget", help="say how much the store may hold; runs warn at 80 %% of it")
    budget.add_argument("gigabytes", type=float, metavar="GB", help="0 for no budget")
    budget.set_defaults(command=_budget)
    for command in commands.choices.values():
        add_store(command, default=argparse.SUPPRESS)


def _add_tag_commands(commands: argparse._SubParsersAction) -> None:
    tag = commands.add_parser("tag", help="name a run or an artifact, so that gc keeps it")
    tag.add_argument(
        "what", metavar="RUN_OR_KEY", help="a run's name (the newest) or id, or the first digits of a key"
    )
    tag.add_argument("name", metavar="NAME", help="a tag that is there already moves")
    tag.set_defaults(command=_tag)
    untag = commands.add_parser("untag", help="remove a tag; what it named stays until gc")
    untag.add_argument("name", metavar="NAME")
    untag.set_defaults(command=_untag)


def _add_gc_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")
    parser.add_argument(
        "--keep-last", type=int, metavar="N", help="forget all but the N newest runs of each name"
    )
    parser.add_argument(
        "--keep-tagged",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="keep what is tagged, which is the default; or remove all tags",
    )
    parser.set_defaults(command=_gc)


def _ls(options: argparse.Namespace) -> int:
    from flows.commands import artifacts as artifact_commands

    return artifact_commands.list_artifacts(store_place(options))


def _show(options: argparse.Namespace) -> int:
    from flows.commands import artifacts as artifact_commands

    return artifact_commands.show_artifact(store_place(options), options.key)


def _verify(options: argparse.Namespace) -> int:
    from flows.commands import artifacts as artifact_commands

    return artifact_commands.verify_artifacts(store_place(options), deep=options.deep)


def _tag(options: argparse.Namespace) -> int:
    from flows.commands import artifacts as artifact_commands

    return artifact_commands.tag(store_place(options), options.what, options.name)


def _untag(options: argparse.Namespace) -> int:
    from flows.commands import artifacts as artifact_commands

    return artifact_commands.untag(store_place(options), options.name)


def _gc(options: argparse.Namespace) -> int:
    from flows.commands import artifacts as artifact_commands
    from tasks.artifacts.roots import Keeping

    keeping = Keeping(options.keep_last, options.keep_tagged)
    return artifact_commands.collect(store_place(options), keeping, is_dry_run=options.dry_run)


def _budget(options: argparse.Namespace) -> int:
    from flows.commands import artifacts as artifact_commands

    return artifact_commands.budget(store_place(options), options.gigabytes)
