"""What a stranger does first with the installed package: python .ci/stranger.py [README.md]

Without an argument: a search with NumPy and SciPy alone, and the sentence that a data set says then. With the README: its
example, which prints what stands beneath it, and the data sets that the extra `data` brings.
"""

import contextlib
import doctest
import importlib.metadata
import io
import re
import sys
from pathlib import Path

import hpt_lab
from hpt_lab import datasets

place = Path(hpt_lab.__file__).resolve()
assert "site-packages" in place.parts, f"{place} is not the installed package"
assert (place.parent / "py.typed").exists(), "py.typed is missing"
assert importlib.metadata.version("hpt_lab") == hpt_lab.__version__

if len(sys.argv) == 1:
    done = doctest.testmod(hpt_lab)
    assert done.attempted > 0
    assert done.failed == 0
    said = ""
    try:
        datasets.wine()
    except ImportError as error:
        said = str(error)
    assert 'pip install "hpt_lab[data]"' in said, f"{said!r}: is this environment clean?"
    print(f"hpt_lab {hpt_lab.__version__} runs with NumPy and SciPy alone")
else:
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    code, output = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.S).groups()
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, sys.argv[1], "exec"), {})
    assert printed.getvalue() == output, printed.getvalue()
    for load in (datasets.digits, datasets.mnist, datasets.boston, datasets.diabetes):
        load()
    print(f"the example of {sys.argv[1]} prints what it says")
