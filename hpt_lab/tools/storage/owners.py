"""The owners of running trials: a trial is handed out again once its owner's process has ended, even by SIGKILL.

When a process ends, the operating system releases all its locks. So every owner keeps one byte of `runs.db-alive` locked,
at a random offset: if another process can lock that byte, its owner is gone. The file holds 16 random bytes, its mark:
locks say nothing about an owner that locked a byte of a different such file, removed or left behind on another disk.

    owner    [offset, mark, host, boot, process]      as JSON, beside the trial

Where locks cannot tell (another machine, another mark, a file system without locks), an owner counts as alive: see
`Study.requeue`. A process has one descriptor per file: POSIX releases all locks of a process on a file when it closes
any descriptor of it. A forked child holds none of its parent's locks, and registers again. Chapter 5.
"""

import errno
import json
import os
import platform
import secrets
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from hpt_lab.study.backend import StorageError
from hpt_lab.values.checks import short

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]
    import msvcrt

MARK = 16  # bytes
FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
FIRST, BITS = 4096, 46 if fcntl is not None else 30  # of the offsets that any file system and any C library allow


class _Sidecar:
    """The process's only descriptor of a file of locks, and the bytes that it has locked."""

    def __init__(self, path: str) -> None:
        self.path, self.held = path, set[int]()
        with suppress(FileNotFoundError):
            if not stat.S_ISREG((status := os.lstat(path)).st_mode) or status.st_size not in (0, MARK):
                raise StorageError(f"storage {short(path, 200)} must be a file of {MARK} bytes, not a link; remove it")
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | FLAGS, 0o666)
        try:
            while not (mark := self._read()):
                if self.lock(0):  # the first process writes it
                    if not self._read():
                        os.write(self._fd, secrets.token_bytes(MARK))
                    self.unlock(0)
            self.mark, self._inode = mark.hex(), os.fstat(self._fd).st_ino
        except BaseException:
            os.close(self._fd)
            raise

    def lock(self, byte: int) -> bool:
        """Return True if the byte is now ours, False if another process has it. Raises OSError if there are no locks."""
        try:
            self._set_lock(byte, True)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
                return False
            raise
        return True

    def unlock(self, byte: int) -> None:
        self._set_lock(byte, False)

    def _set_lock(self, byte: int, on: bool) -> None:
        if fcntl is not None:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB if on else fcntl.LOCK_UN, 1, byte)
        else:
            os.lseek(self._fd, byte or FIRST - 1, os.SEEK_SET)  # a locked byte cannot be read there
            mode = "LK_NBLCK" if on else "LK_UNLCK"
            msvcrt.locking(self._fd, getattr(msvcrt, mode), 1)  # type: ignore[attr-defined, unused-ignore]

    def is_there(self) -> bool:
        """Return True if the file is still at its path, where others look for locks."""
        try:
            return os.lstat(self.path).st_ino == self._inode
        except OSError:
            return False

    def _read(self) -> bytes:
        os.lseek(self._fd, 0, os.SEEK_SET)
        return os.read(self._fd, MARK)

    def close(self) -> None:
        os.close(self._fd)


_sidecars: dict[str, _Sidecar] = {}  # of this process, by path
_guard = threading.RLock()  # an owner may be collected, and released, in the middle of anything


@contextmanager
def _locks(database: str) -> Iterator[_Sidecar]:
    """Open the database's file of locks, guarded from other threads; at the end, it is closed unless it holds a lock."""
    path = os.path.realpath(database) + "-alive"
    with _guard:
        sidecar = _sidecars.get(path)
        if sidecar is None or not sidecar.is_there():
            sidecar = _sidecars[path] = _Sidecar(path)
        try:
            yield sidecar
        finally:
            _close_unless_held(sidecar)


def _close_unless_held(sidecar: _Sidecar) -> None:
    if not sidecar.held:
        if _sidecars.get(sidecar.path) is sidecar:
            del _sidecars[sidecar.path]
        sidecar.close()


class Owner:
    """An owner of trials in a database, alive until it is released or collected with its study, or its process ends."""

    _process = 0  # if an interrupt kept it from being made
    _sidecar: _Sidecar | None = None

    def __init__(self, database: str) -> None:
        self._byte, self._process, mark = FIRST + secrets.randbits(BITS), os.getpid(), ""
        try:
            with _locks(database) as sidecar:
                if sidecar.lock(self._byte):
                    sidecar.held.add(self._byte)
                    self._sidecar, mark = sidecar, sidecar.mark
        except StorageError:
            raise
        except OSError:  # no locks there: an owner without a mark counts as alive forever
            pass
        self.text = json.dumps([self._byte, mark, platform.node(), _boot(), self._process])

    @property
    def holds(self) -> bool:
        """Return True if its lock holds, as it does not after a fork or once its file of locks is removed."""
        return self._process == os.getpid() and (self._sidecar is None or self._sidecar.is_there())

    def release(self) -> None:
        if self._process != os.getpid() or self._sidecar is None:
            return
        with _guard:
            sidecar, self._sidecar = self._sidecar, None
            sidecar.held.discard(self._byte)
            sidecar.unlock(self._byte)
            _close_unless_held(sidecar)

    def __del__(self) -> None:
        self.release()


def is_gone(owner: str, database: str) -> bool:
    """Return True if the owner described by this text is certainly gone; an empty text means no owner."""
    if not owner:
        return True
    try:
        byte, mark, host, boot, *_ = json.loads(owner)
        if host != platform.node() and not (boot and boot == _boot()):
            return False
        with _locks(database) as sidecar:
            known = mark == sidecar.mark and type(byte) is int and byte >= FIRST
            if not known or byte in sidecar.held or not sidecar.lock(byte):
                return False
            sidecar.unlock(byte)
            return True
    except (OSError, ValueError, TypeError, OverflowError, RecursionError):
        return False


def process_of(owner: str) -> tuple[int, str] | None:
    """Return the process id and the machine that an owner has noted, or None if the text does not say."""
    try:
        _, _, host, _, process = json.loads(owner)
    except (ValueError, TypeError, RecursionError):
        return None
    return (process, host) if type(process) is int and isinstance(host, str) else None


@cache
def _boot() -> str:
    """Return an id of this boot of the machine on Linux, where containers share it, and its locks."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _after_fork() -> None:
    global _guard
    _guard = threading.RLock()
    for sidecar in _sidecars.values():
        sidecar.close()  # the parent's locks stay: they belong to the process
    _sidecars.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
