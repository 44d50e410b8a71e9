"""Text files that are written whole or not at all, and checked before the work whose result they will hold."""

import errno
import os
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from hpt_lab.values.checks import WrongType, short


def file_path(name: str, file: Any, example: str) -> Path:
    """Return `file` as a path. Raises TypeError if it is not one."""
    if not isinstance(file, (str, os.PathLike)) or isinstance(os.fspath(file), bytes) or not os.fspath(file):
        raise WrongType(f"{name}={short(file)} must be the path of a file, such as {example!r}")
    return Path(file)


def check_writable(path: Path) -> None:
    """Raise now the OSError that writing the file would raise later."""
    folder = Path(os.path.realpath(path)).parent
    wrong = {errno.EISDIR: path.is_dir(), errno.ENOENT: not folder.exists(), errno.ENOTDIR: not folder.is_dir()}
    wrong[errno.EACCES] = not (os.access(folder, os.W_OK) or path.exists())
    for number in filter(wrong.get, wrong):
        advice = f"; make the folder {str(path.parent)!r} first" if number == errno.ENOENT else ""
        raise OSError(number, os.strerror(number) + advice, str(path))


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole: afterwards, either all of it is there, or what was there before. Links are followed.

    Anything that is not a regular file, such as /dev/stdout or a pipe, is written directly. An OSError names `path`.
    """
    special = path.exists() and not (path.is_file() or path.is_dir())
    target = Path(os.path.realpath(path))
    beside = path if special else target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        beside.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        if not special:
            os.replace(beside, target)
    except BaseException as error:
        if not special:
            with suppress(OSError):
                beside.unlink()
        if isinstance(error, OSError):
            error.filename = str(path)
            del error.filename2  # if it is None, the text of the error ends in "-> None"
        raise
