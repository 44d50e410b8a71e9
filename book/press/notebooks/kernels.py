"""Start kernels that find their sockets free, and that say why they died.

Jupyter looks for free ports, and its kernel opens them a moment later: if another process takes one in between, the
kernel dies, or hangs. Sockets in a folder of the kernel's own have no such moment. Where there are none (Windows), a
kernel that does not reply is started again, with other ports.

As a plugin of pytest, for the kernels of nbval: pytest -p book.press.notebooks.kernels --nbval ...
"""

import os
import shutil
import tempfile

from jupyter_client import AsyncKernelManager, KernelManager
from jupyter_core.utils import run_sync

try:
    import pytest
except ImportError:  # who grades a class, or runs a notebook, need not test
    pytest = None

TRANSPORT = "tcp" if os.name == "nt" else "ipc"
STARTS = {"tcp": 3, "ipc": 1}
LIMIT = 600  # seconds until a kernel replies, in all its starts: the machine may be busy


class OwnSockets:
    """For a kernel manager: where its sockets are, and what its kernel writes to stderr."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.stderr = tempfile.TemporaryFile()  # noqa: SIM115
        self.transport = TRANSPORT
        self.cache_ports = False  # a restart would keep those from the cache
        if TRANSPORT == "ipc":  # the sockets lie beside this file; their paths may have about a hundred bytes
            self.connection_file = os.path.join(tempfile.mkdtemp(prefix="kernel-"), "k.json")

    async def start_and_wait(self, **settings):
        """Start the kernel and wait for its reply. Raises RuntimeError, with its stderr, if none comes."""
        await self._async_start_kernel(**{**settings, "stderr": self.stderr})
        starts = 1
        try:
            while not await self._replies():
                if starts == STARTS[TRANSPORT]:
                    raise RuntimeError(f"The kernel did not start: {self.last_words()}")
                starts += 1
                await self._async_restart_kernel(now=True, newports=True)
        except BaseException:
            await self._async_shutdown_kernel(now=True)
            raise

    async def _replies(self):
        client = self.client()
        client.start_channels()
        try:
            await client._async_wait_for_ready(timeout=LIMIT / STARTS[TRANSPORT])
        except RuntimeError:  # it has died, or the time is up
            return False
        finally:
            client.stop_channels()
        return True

    def last_words(self):
        """Return what the kernel has written to stderr."""
        self.stderr.seek(0)
        return self.stderr.read().decode(errors="replace").strip() or "it wrote nothing to stderr"

    def cleanup_connection_file(self):
        super().cleanup_connection_file()
        if self.transport == "ipc":
            shutil.rmtree(os.path.dirname(self.connection_file), ignore_errors=True)


class Kernel(OwnSockets, KernelManager):
    """For nbval."""

    start_kernel = run_sync(OwnSockets.start_and_wait)


class AsyncKernel(OwnSockets, AsyncKernelManager):
    """For nbclient, and nbgrader, which uses it."""

    start_kernel = OwnSockets.start_and_wait


def pytest_configure(config):
    import nbval.kernel

    nbval.kernel.KernelManager = Kernel
    config.option.nbval_kernel_startup_timeout = LIMIT


def pytest_runtest_makereport(item):
    report = yield
    kernel = getattr(item.parent, "kernel", None)
    if report.failed and kernel:
        report.sections.append(("stderr of the kernel", kernel.kc.parent.last_words()))
    return report


if pytest is not None:
    pytest.hookimpl(wrapper=True)(pytest_runtest_makereport)
