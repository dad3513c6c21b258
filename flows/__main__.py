"""The command line: `python -m flows run|explain|artifacts ...`."""

import io
import os
import sys


def _speak_utf8() -> None:
    """Start again where the locale knows ASCII only, so that files with other letters in their names can be opened.

    Python does so by itself unless it was told not to. What a terminal cannot show is written as its number.
    """
    if sys.getfilesystemencoding() != "utf-8" and os.environ.get("PYTHONUTF8") != "1":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    _speak_utf8()

    from flows.commands.command_line import main

    sys.exit(main(sys.argv[1:]))
