"""Run a command several times beside programs that keep every processor busy: python .ci/stress.py TIMES COMMAND ...

A test that passes alone and fails here waits too little, or looks once where it must wait. Every run is finished; one that fails
is a failure of the whole.
"""

import contextlib
import os
import subprocess
import sys

BURNER = "import os\nstarter = os.getppid()\nwhile os.getppid() == starter: pass"  # it ends with who started it


@contextlib.contextmanager
def burning(n):
    """Keep `n` processors busy."""
    burners = [subprocess.Popen([sys.executable, "-c", BURNER]) for _ in range(n)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def stress(times, command, n):
    """Return how often the command failed in so many runs beside `n` burners."""
    failures = 0
    with burning(n):
        for attempt in range(1, times + 1):
            print(f"--- run {attempt} of {times}, beside {n} programs that compute", flush=True)
            failures += subprocess.run(command).returncode != 0
    return failures


if __name__ == "__main__":
    times, command = int(sys.argv[1]), sys.argv[2:]
    failed = stress(times, command, 2 * (os.cpu_count() or 1))
    print(f"stress: {failed} of {times} runs failed")
    sys.exit(failed > 0)
