"""Importing the lab is cheap: NumPy alone, and every other library where something of it is used."""

import json
import os
import pkgutil
import subprocess
import sys

import pytest

import hpt_lab as hpt

HEAVY = ["scipy", "sklearn", "pandas", "matplotlib", "tqdm", "jinja2", "joblib", "cloudpickle", "loky", "threadpoolctl"]
HEAVY += ["babel", "dask", "distributed", "keras", "IPython"]
HIDDEN = {"values", "race", "__main__"}  # inner rooms; and `hpt.race` is the function


def fresh(code, **environment):
    """Return what the code prints as JSON, in a process of its own that has imported nothing yet."""
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **environment}
    how = {"capture_output": True, "text": True, "encoding": "utf-8", "timeout": 120}
    run = subprocess.run([sys.executable, "-c", code], env={**os.environ, **environment}, **how)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_importing_the_lab_imports_numpy_and_no_other_library():
    added = fresh(
        "import json, sys, numpy, numpy.random; before = {*sys.modules}; import hpt_lab; "
        "print(json.dumps([*{*sys.modules} - before]))"
    )
    libraries = {name.partition(".")[0] for name in added} - sys.stdlib_module_names
    assert libraries - {"__mp_main__"} == {"hpt_lab", "numpy"}
    assert len(added) < 250  # 830 with SciPy
    assert not {"asyncio", "unittest", "email", "http", "xml", "ssl", "numpy.testing", "numpy.f2py"} & {*added}


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="only Linux says how much memory it took at most")
def test_importing_the_lab_takes_at_most_16_megabytes_more_than_numpy():
    code = "import numpy.random, json, {}; print(json.dumps(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]))"
    fresh(code.format("hpt_lab"))  # from now on it is compiled
    alone, lab = (int(fresh(code.format(module))) for module in ("os", "hpt_lab"))
    assert lab - alone < 16 * 1024


SEARCHES = """
import json
import hpt_lab as hpt

space = hpt.Space(x=hpt.Float(1e-3, 1e3, log=True), kernel=["a", "b"], n=hpt.Int(1, 9).when(kernel="b"))
strategies = [
    hpt.RandomSearch(), hpt.GridSearch(3), hpt.ManualSearch([{"x": 1.0, "kernel": "a"}]),
    hpt.SuccessiveHalving(4, 1, 9), hpt.ASHA(1, 9), hpt.Hyperband(1, 9),
]
found = []
for strategy in strategies:
    study = hpt.tune(lambda params, *budget: params["x"] + params.get("n", 0), space, strategy, 12, seed=3)
    found.append([[dict(trial.params), trial.budget, trial.value] for trial in study.trials])
"""


def test_what_needs_no_model_searches_with_numpy_alone_and_finds_the_same():
    blocked = fresh(f"import sys; sys.modules.update(dict.fromkeys({HEAVY!r}))\n{SEARCHES}\nprint(json.dumps(found))")
    here = {}
    exec(SEARCHES, here)
    assert blocked == here["found"]
    assert all(len(trials) > 0 for trials in blocked)


def test_a_module_is_there_when_it_is_first_used():
    code = "import hpt_lab as hpt, json, sys\n"
    code += "early = [name for name in ('matplotlib', 'sklearn', 'scipy', 'pandas') if name in sys.modules]\n"
    code += (
        "print(json.dumps([early, hpt.plots.heatmap.__name__, hpt.datasets.__name__, hpt.search_cv.SearchCV.__name__]))"
    )
    assert fresh(code) == [[], "heatmap", "hpt_lab.datasets", "SearchCV"]


def test_the_face_lists_its_names_and_its_modules_and_nothing_else():
    modules = {module.name for module in pkgutil.iter_modules(hpt.__path__)} - HIDDEN
    listed = {name for name in dir(hpt) if not name.startswith("_")}
    assert listed == {*hpt.__all__} | modules
    assert all(hasattr(hpt, name) for name in listed)
    assert callable(hpt.race)
    with pytest.raises(AttributeError, match="module 'hpt_lab' has no attribute 'plot'"):
        hpt.plot  # noqa: B018


def test_a_surrogate_imports_scipy_when_it_has_something_to_learn():
    code = "import hpt_lab as hpt, json, sys\n"
    code += "study = hpt.Study({'x': hpt.Float(0, 1)}, hpt.TPE(n_initial=3)); loaded = []\n"
    code += "for value in (1.0, 2.0, 3.0, 4.0):\n"
    code += "    trial = study.ask(); loaded.append('scipy.special' in sys.modules); study.tell(trial, value)\n"
    code += "print(json.dumps([loaded, hpt.recommend(study).number]))"
    assert fresh(code)[0][-1]
