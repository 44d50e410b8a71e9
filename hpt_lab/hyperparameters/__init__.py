"""Define-by-run: the search space is what a build function asks for.

A build function `build_model(hp)` reads its hyperparameters from `hp`, as in `hp.Int("units", 32, 256, step=32)`. Each
call *registers* the hyperparameter, and *returns* a value for it: the trial's, or the default. So one call of the
function discovers its space. If a branch is not taken (`conditional_scope`), its hyperparameters are registered as
conditional; if a plain `if` hides one, it is discovered when a trial takes that branch. Names and meanings are those of
keras-tuner (version 1.4.8): a build function that uses only the arguments below runs with both. keras-tuner has more
(`ordered`, the third one of its `Choice`; `parent_name`, `parent_values`), so pass `default` by name. Chapter 3.
"""

from hpt_lab.hyperparameters.definition import HyperParameter
from hpt_lab.hyperparameters.hyperparameters import HyperParameters
from hpt_lab.hyperparameters.notes import build, discover, from_notes, tell, to_notes, widen

__all__ = ["HyperParameter", "HyperParameters", "build", "discover", "from_notes", "tell", "to_notes", "widen"]
