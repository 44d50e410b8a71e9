"""`python -m hpt_lab`: see `hpt_lab.tools.command_line`."""

import sys

from hpt_lab.tools.command_line import main

if __name__ == "__main__":
    sys.exit(main())
