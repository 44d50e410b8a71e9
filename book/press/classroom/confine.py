"""Start a program that can write to a few folders only, if the system can see to that: Linux 5.13 or later, by Landlock.

    python -I confine.py NAME=VALUE ... FOLDER ... -- PROGRAM ...

It holds for the program and for all that it starts, under any account. They also cannot look into a process outside, and since Linux 6.12
they cannot end one. What Landlock leaves free is the mode, the owner and the dates of a file. Elsewhere the program runs as it is.
"""

import ctypes
import os
import struct
import sys

CREATE, ADD, RESTRICT = 444, 445, 446  # the system calls, the same on every machine
NO_NEW_PRIVILEGES, BENEATH, VERSION = 38, 1, 1
WRITE, TRUNCATE = 1 << 1, 1 << 14
CHANGES = WRITE | sum(1 << bit for bit in range(4, 13))  # write, remove and make files of any kind
SINCE = {2: 1 << 13, 3: TRUNCATE}  # to move to another folder; to truncate
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty")
SHARED = "/dev/shm"  # the semaphores of multiprocessing


def supported():
    """Return the version of Landlock, or 0."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, ctypes.CDLL(None).syscall(CREATE, None, ctypes.c_size_t(0), VERSION))


def confine(folders):
    """Let this process, and all that it will start, write to these folders only; return False if the system cannot do it."""
    if not (version := supported()):
        return False
    call = ctypes.CDLL(None, use_errno=True).syscall
    rights = CHANGES | sum(right for since, right in SINCE.items() if version >= since)
    scope = 3 if version >= 6 else 0  # signals and abstract sockets
    fields = struct.pack("QQQ", rights, 0, scope)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    rules = demand(call(CREATE, fields, ctypes.c_size_t(len(fields)), 0))
    on_file = (WRITE | TRUNCATE) & rights
    for path, allowed in [*dict.fromkeys([*folders, SHARED], rights).items(), *dict.fromkeys(DEVICES, on_file).items()]:
        if os.path.exists(path):
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            demand(call(ADD, rules, BENEATH, struct.pack("=Qi", allowed, place), 0))
            os.close(place)
    demand(ctypes.CDLL(None, use_errno=True).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    demand(call(RESTRICT, rules, 0))
    os.close(rules)
    return True


def demand(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def command(program, folders=(), **environment):
    """Return the command that starts a program so, with these variables; on Windows, which has no exec, the program itself."""
    if os.name == "nt":
        return list(program)
    given = [f"{name}={value}" for name, value in environment.items()]
    return [sys.executable, "-I", __file__, *given, *map(str, folders), "--", *program]


if __name__ == "__main__":
    end = sys.argv.index("--")
    before, program = sys.argv[1:end], sys.argv[end + 1 :]
    os.environ.update(word.split("=", 1) for word in before if "=" in word)
    confine([word for word in before if "=" not in word])
    os.execvp(program[0], program)
