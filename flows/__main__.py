"""The command line: `python -m flows run|explain|artifacts ...`."""

import sys

from flows.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
