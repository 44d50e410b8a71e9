"""Optuna's TPE in the race: at every suggestion a new study is told the trials so far, so that it depends on them alone."""

import optuna

from hpt_lab import Categorical, Suggestion

optuna.logging.set_verbosity(optuna.logging.ERROR)
UNIT = optuna.distributions.FloatDistribution(0.0, 1.0)


def suggest(history):
    space = history.space
    ranges = {
        name: optuna.distributions.CategoricalDistribution(range(dimension.size)) if isinstance(dimension, Categorical) else UNIT
        for name, dimension in space.dimensions.items()
    }  # fmt: skip
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=int(history.rng.integers(2**31))))
    for trial in history.trials:
        seen = {name: key(space[name], value) for name, value in trial.params.items()}
        state = optuna.trial.TrialState.COMPLETE if trial.state == "complete" else optuna.trial.TrialState.FAIL
        own = {name: ranges[name] for name in seen}
        study.add_trial(optuna.trial.create_trial(params=seen, distributions=own, value=trial.value, state=state))
    asked, params = study.ask(), {}
    for name in space.order:
        if space.active(params)[list(space).index(name)]:
            drawn = asked._suggest(name, ranges[name])
            params[name] = space[name].at(drawn) if isinstance(space[name], Categorical) else space[name].decode(drawn)
    return Suggestion(params)


def key(dimension, value):
    """A choice is its number, and a number its place from 0 to 1, where a logarithmic range is straight."""
    return dimension.index(value) if isinstance(dimension, Categorical) else float(dimension.encode(value))
