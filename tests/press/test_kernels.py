"""How kernels are started, and what is said of one that dies."""

import asyncio
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from book.press.notebooks import execution, kernels

WHICH = "from ipykernel.kernelapp import IPKernelApp\nprint(IPKernelApp.instance().transport)"
COUNTS = """
import shutil, sys, pathlib
folder = pathlib.Path({0!r})
starts = len(list(folder.glob('*.json'))) + 1
shutil.copy(sys.argv[1], folder / f'{{starts}}.json')
"""
DIES = "import os, time\n_ = os.write(2, b'out of luck')\ntime.sleep(1)\nos._exit(1)"


@pytest.fixture(params=[kernels.Kernel, kernels.AsyncKernel])
def starts(request, tmp_path):
    """Starts a kernel by one of the managers, as this Python program; returns the connection of each start."""

    def start(program):
        (tmp_path / "kernel.py").write_text(COUNTS.format(str(tmp_path)) + program, encoding="utf-8")
        manager = request.param(kernel_name="python3")
        manager.kernel_spec.argv = [sys.executable, str(tmp_path / "kernel.py"), "{connection_file}"]

        async def alone():
            await manager.start_kernel()
            await manager.shutdown_kernel(now=True)

        if request.param is kernels.AsyncKernel:
            ThreadPoolExecutor(1).submit(asyncio.run, alone()).result()  # a browser may have a loop in this thread
        else:
            manager.start_kernel()
            manager.shutdown_kernel(now=True)

    return start


def connections(folder):
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


@pytest.mark.parametrize("transport", ["tcp", pytest.param("ipc", marks=pytest.mark.skipif(os.name == "nt", reason="has no ipc"))])  # fmt: skip
def test_a_kernel_that_dies_while_it_starts_says_why(starts, transport, monkeypatch, tmp_path):
    monkeypatch.setattr(kernels, "TRANSPORT", transport)
    with pytest.raises(RuntimeError, match="The kernel did not start: start 1 failed") as caught:
        starts("sys.exit(f'start {starts} failed')")
    made = connections(tmp_path)
    assert {connection["transport"] for connection in made} == {transport}
    assert len(made) == str(caught.value).count("failed") == (3 if transport == "tcp" else 1)
    assert not any(Path(connection["ip"]).parent.exists() for connection in made if transport == "ipc")


def test_a_kernel_that_never_replies_is_ended(starts, monkeypatch):
    monkeypatch.setattr(kernels, "LIMIT", 2)
    with pytest.raises(RuntimeError, match="The kernel did not start: "):
        starts("import time\ntime.sleep(1000)")
    assert not [child for child in psutil.Process().children() if "kernel.py" in " ".join(child.cmdline())]


def test_on_ports_it_is_started_again_with_others(starts, monkeypatch, tmp_path):
    monkeypatch.setattr(kernels, "TRANSPORT", "tcp")
    starts(
        "if starts < 3:\n    sys.exit('a port is taken')\n"
        "from ipykernel.kernelapp import launch_new_instance\n"
        "launch_new_instance(['-f', sys.argv[1]])"
    )
    made = connections(tmp_path)
    assert len({connection[port] for connection in made for port in ("shell_port", "iopub_port", "hb_port")}) == 9


NBVAL = (
    "-m pytest -p book.press.notebooks.kernels -p no:cacheprovider --nbval -n 2 --dist loadscope --nbval-cell-timeout 4"
)


def test_the_notebooks_are_executed_and_compared_with_sockets_of_their_own(draft, tmp_path):
    """Nbval compares what was printed when the notebook was executed, and shows what another kernel wrote before it died."""
    execution.execute(draft(WHICH))
    executed = json.loads((tmp_path / "draft.ipynb").read_text(encoding="utf-8"))
    assert executed["cells"][0]["outputs"][0]["text"] == ["tcp\n" if os.name == "nt" else "ipc\n"]
    draft("pass").rename(tmp_path / "other.md")
    executed["cells"][0]["source"] = DIES
    (tmp_path / "dies.ipynb").write_text(json.dumps(executed), encoding="utf-8")
    command = [sys.executable, *NBVAL.split(), tmp_path]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "stderr of the kernel -" in done.stdout
    assert "out of luck" in done.stdout
    with pytest.raises(RuntimeError, match=r"(?s)Kernel died: .*out of luck"):
        execution.execute(draft(DIES))
