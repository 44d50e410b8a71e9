"""A search on several machines: the command lines of the recipe, as processes of this one, one of which is killed."""

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

import hpt_lab as hpt

RECIPE = (
    (Path(__file__).parents[2] / "book/recipes.md")
    .read_text(encoding="utf-8")
    .partition("\n## Several machines\n")[2]
    .partition("\n## ")[0]
)


def free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return str(tried.getsockname()[1])


@pytest.fixture
def hosts(tmp_path):
    """The address of a scheduler and the processes of two workers, each in a folder of its own, begun as the recipe says."""
    port, (shell,) = free_port(), re.findall(r"```shell\n(.*?)```", RECIPE, re.S)
    shell = shell.replace("driver", "127.0.0.1").replace("8786", port).replace("--nworkers 4", "--nworkers 1")
    scheduler, worker = ([sys.executable, "-m", *line.split(), "--no-dashboard"] for line in shell.splitlines())
    environment = {**os.environ, "DASK_LOGGING__DISTRIBUTED": "critical", "PYTHONPATH": str(Path(__file__).parents[2])}
    with ExitStack() as stack:

        def start(command, name):
            (tmp_path / name).mkdir()
            process = subprocess.Popen(command, cwd=tmp_path / name, env=environment, stderr=subprocess.DEVNULL)
            stack.callback(process.wait, 60)
            stack.callback(process.kill)
            return process

        start([*scheduler, "--host", "127.0.0.1"], "driver")
        yield f"127.0.0.1:{port}", [start(worker, name) for name in ("host1", "host2")]


def train(params):
    time.sleep(0.3)
    return {"value": params["x"], "folder": os.getcwd()}


def test_a_search_on_several_machines_outlives_one_of_them_and_keeps_its_file_to_itself(hosts, tmp_path, monkeypatch):
    from dask.distributed import Client

    address, workers = hosts
    monkeypatch.chdir(tmp_path / "driver")

    def kill(study, trial):
        folders = {Path(done.attributes["folder"]).name for done in study.history.finished}
        if folders == {"host1", "host2"} and workers[0].poll() is None:
            workers[0].kill()  # in the middle of its next trial

    with Client(address, timeout=120) as client:
        client.wait_for_workers(2, timeout=120)
        how = {"storage": "runs.db", "name": "machines", "executor": client.get_executor, "n_workers": 2}
        study = hpt.tune(train, {"x": hpt.Float(0, 1)}, hpt.RandomSearch(), 14, callbacks=[kill], progress=False, **how)
    assert [trial.state for trial in study.trials] == ["complete"] * 14
    assert workers[0].wait(60) != 0
    assert {Path(trial.attributes["folder"]).name for trial in study.trials[-4:]} == {"host2"}
    assert [path.parent.name for path in tmp_path.rglob("runs.db")] == ["driver"]
    alone = hpt.tune(train, {"x": hpt.Float(0, 1)}, hpt.RandomSearch(), 14, progress=False)
    assert [trial.params for trial in study.trials] == [trial.params for trial in alone.trials]
