"""Importing the lab is cheap: NumPy alone, and every other library where something of it is used."""

import ast
import importlib
import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import hpt_lab as hpt

HEAVY = ["scipy", "sklearn", "pandas", "matplotlib", "tqdm", "jinja2", "joblib", "cloudpickle", "loky", "threadpoolctl"]
HEAVY += ["babel", "dask", "distributed", "keras", "IPython"]
SHORT = {"report", "search_cv", "serve", "tuner"}  # short names of tools
HIDDEN = {"values", "__main__"}  # inner rooms


def fresh(code, **environment):
    """Return what the code prints as JSON, in a process of its own that has imported nothing yet."""
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **environment}
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_importing_the_lab_imports_no_library_and_a_random_search_imports_numpy_alone():
    code = "import json, sys, numpy, numpy.random; before = {*sys.modules}; import hpt_lab as hpt; "
    search = "hpt.tune(lambda p: p['x'], {'x': hpt.Float(0, 1)}, hpt.RandomSearch(), 3, progress=False); "
    added = fresh(f"{code}{search}print(json.dumps([*{{*sys.modules}} - before]))")
    libraries = {name.partition(".")[0] for name in added} - sys.stdlib_module_names
    assert libraries - {"__mp_main__"} == {"hpt_lab", "numpy"}
    assert len(added) < 200  # 830 with SciPy
    assert not {"asyncio", "unittest", "email", "http", "xml", "ssl", "numpy.testing", "numpy.f2py"} & {*added}


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="only Linux says how much memory it took at most")
def test_what_a_random_search_loads_takes_at_most_16_megabytes_more_than_numpy():
    code = "import numpy.random, json\n{}\nprint(json.dumps(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]))"
    search = "import hpt_lab as hpt\nhpt.tune(lambda p: p['x'], {'x': hpt.Float(0, 1)}, hpt.RandomSearch(), 3, progress=False)"
    fresh(code.format(search))  # from now on it is compiled
    alone, lab = (int(fresh(code.format(more))) for more in ("", search))
    assert lab - alone < 16 * 1024


LOADED = """
import json, sys
import hpt_lab as hpt

def lab():
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "hpt_lab"]
    return len(modules), sum(len(open(module.__file__, encoding="utf-8").readlines()) for module in modules)

loaded = [lab()]
for strategy in (lambda: hpt.RandomSearch(), lambda: hpt.BayesianOptimization(n_initial=2)):
    hpt.tune(lambda params: params["x"] ** 2, {"x": hpt.Float(-1, 1)}, strategy(), 4, progress=False)
    loaded.append(lab())
print(json.dumps([loaded, [name for name in sys.modules if name.startswith("hpt_lab.tools")]]))
"""


def test_a_search_loads_what_it_needs_and_no_tool():
    (face, random, bayesian), tools = fresh(LOADED)
    assert (face[0] <= 5, random[0] <= 40, bayesian[0] <= 60) == (True, True, True)  # modules
    assert (face[1] <= 250, random[1] <= 4500, bayesian[1] <= 7000) == (True, True, True)  # lines
    assert tools == []


FACES = (hpt.space, hpt.study, hpt.strategies, hpt.loop, hpt.surrogates, hpt.analysis, hpt.plots)


def test_no_name_of_a_face_is_that_of_a_module_which_would_take_its_place():
    for package in FACES:
        assert not {*package.__all__} & {module.name for module in pkgutil.iter_modules(package.__path__)}


def test_a_face_has_each_name_of_its_stub_and_no_other():
    for package in FACES:
        stub = (Path(package.__path__[0]) / "__init__.pyi").read_text(encoding="utf-8")
        names = [alias.name for node in ast.parse(stub).body for alias in node.names]
        assert package.__all__ == sorted(names) == sorted(set(names))
        assert [name for name in names if not hasattr(package, name)] == []
        with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'nothing'"):
            package.nothing  # noqa: B018


def test_a_module_that_has_moved_answers_at_its_old_path_or_says_where_it_is():
    import hpt_lab.loop.workers
    import hpt_lab.study.storage.records as records
    import hpt_lab.tuner as short

    assert hpt_lab.loop.workers is sys.modules["hpt_lab.tools.workers.workers"]
    assert short is sys.modules["hpt_lab.tools.tuner"]
    assert records is importlib.import_module("hpt_lab.tools.storage.records")
    with pytest.raises(ModuleNotFoundError, match=r"its module is hpt_lab\.tools\.race, and compare"):
        importlib.import_module("hpt_lab.race")
    assert callable(hpt.race)


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
    assert listed == {*hpt.__all__} | modules | SHORT
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
