"""What workers bring, and what they cost the search itself.

    python benchmarks/bench_workers.py

Two processes against none, on trainings of 0.2 seconds: of computing, for which the machine needs two idle cores, and of
waiting, which a busy machine does as well. And the CPU time that the search spends on each trial that workers train, by
random search. The aims are a speed-up of 1.8, once both workers have started, and at most 2 ms a trial.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import hpt_lab as hpt

LINE = hpt.Space(x=hpt.Float(-1, 1))


WARM = 10  # trials that are not counted: the workers start


def training(seconds, computes=True):
    """Made here, it travels by value."""

    def objective(params):
        import time

        clock = time.process_time if computes else time.perf_counter
        begun, x = clock(), 0
        while clock() - begun < seconds:
            x += 1
            if not computes:
                time.sleep(seconds / 100)
        return params["x"] ** 2

    return objective


def speed_up(computes, n_trials=40, seconds=0.2):
    """Seconds of a search without workers, by those of one with two."""
    passed = []
    for more in ({}, {"n_workers": 2}):
        ended = []
        hpt.tune(
            training(seconds, computes),
            LINE,
            hpt.RandomSearch(),
            WARM + n_trials,
            progress=False,
            callbacks=[lambda study, trial, ended=ended: ended.append(time.perf_counter())],
            **more,
        )
        passed.append((ended[-1] - ended[WARM - 1]) / n_trials)
    return passed[0] / passed[1]


def work_of_the_search(how, n_trials=300):
    """CPU seconds of this process, per trial."""
    hpt.tune(training(0.0), LINE, hpt.RandomSearch(), 4, progress=False, **how)
    begun = time.process_time()
    hpt.tune(training(0.0), LINE, hpt.RandomSearch(), n_trials, progress=False, **how)
    return (time.process_time() - begun) / n_trials


HOWS = {"own": {"n_workers": 2}, "threads": {"executor": lambda: ThreadPoolExecutor(2), "n_workers": 2}, "none": {}}


@pytest.mark.benchmark
@pytest.mark.parametrize("computes", [True, False], ids=["computing", "waiting"])
def test_two_processes_are_nearly_twice_as_fast(computes):
    assert max(speed_up(computes) for _ in range(2)) >= 1.8


@pytest.mark.benchmark
@pytest.mark.parametrize("how", HOWS.values(), ids=HOWS)
def test_a_trial_costs_the_search_at_most_two_milliseconds(how):
    assert work_of_the_search(how) <= 0.002


if __name__ == "__main__":
    for name, how in HOWS.items():
        print(f"{name}: {work_of_the_search(how) * 1e3:.2f} ms a trial")
    for computes in (True, False):
        print(
            f"two workers of our own, {'computing' if computes else 'waiting'}: {speed_up(computes):.2f} times as fast"
        )
