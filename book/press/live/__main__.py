"""Fetch what is served: `python -m book.press.live [FOLDER-OR-ADDRESS]`."""

import sys

from book.press.live import assets

if __name__ == "__main__":
    try:
        assets.fetch(*sys.argv[1:2])
    except assets.Refused as error:
        sys.exit(f"Cells cannot run in the pages: {error}")
