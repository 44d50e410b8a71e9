"""`python -m hpt_lab`: see `hpt_lab.command_line`."""

import sys

from hpt_lab.command_line import main

if __name__ == "__main__":
    sys.exit(main())
