# Finds hpt_lab. If it is missing, installs it: from the wheel in this notebook's folder, or else from its repository.
import importlib.util
import subprocess
import sys
from pathlib import Path

NEEDED = ["hpt_lab"]
REPOSITORY = ""

if not all(map(importlib.util.find_spec, NEEDED)):
    wheels = sorted(Path().glob("hpt_lab-*.whl"))
    if not wheels and not REPOSITORY:
        raise ModuleNotFoundError(
            "hpt_lab, or something that it needs, is not installed. Put its wheel (the file hpt_lab-….whl, from the "
            "place where you got this notebook) in the same folder as this notebook, and run this cell again."
        )
    place = wheels[-1].absolute().as_uri() if wheels else f"git+{REPOSITORY}"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", f"hpt_lab[chapters] @ {place}"]
    done = subprocess.run(pip, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise ImportError("\n".join([f"pip could not install {place}:", done.stdout + done.stderr]))
    importlib.invalidate_caches()
