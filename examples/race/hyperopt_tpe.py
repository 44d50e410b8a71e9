"""hyperopt's TPE in the race: at every suggestion its trials are filled with those of the history.

It has no conditions here, and no failures: an inactive hyperparameter stands in the middle, and a failed trial is left out.
"""

import hyperopt
import numpy as np

from hpt_lab import Suggestion


def suggest(history):
    space, names = history.space, [f"{place:02d}" for place in range(len(history.space))]
    ranges = {name: hyperopt.hp.uniform(name, 0, 1) for name in names}
    trials = hyperopt.Trials()
    domain = hyperopt.base.Domain(lambda point: 0.0, ranges)
    for number, trial in enumerate(history.finished):
        values = {name: [float(u)] for name, u in zip(names, space.encode(trial.params), strict=True)}
        misc = {
            "tid": number,
            "cmd": domain.cmd,
            "workdir": None,
            "idxs": {name: [number] for name in names},
            "vals": values,
        }
        result = {"status": hyperopt.STATUS_OK, "loss": float(history.loss(trial))}
        (document,) = trials.new_trial_docs([number], [None], [result], [misc])
        document["state"] = hyperopt.JOB_STATE_DONE
        trials.insert_trial_doc(document)
    trials.refresh()
    (asked,) = hyperopt.tpe.suggest([len(history.trials)], domain, trials, int(history.rng.integers(2**31)))
    return Suggestion(space.decode(np.array([asked["misc"]["vals"][name][0] for name in names])))
