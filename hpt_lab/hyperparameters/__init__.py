"""Define-by-run: the search space is whatever a build function asks for.

A build function `build_model(hp)` reads its hyperparameters from `hp`, as in `hp.Int("units", 32, 256, step=32)`. Each
call *registers* the hyperparameter, and *returns* a value for it: the one on trial, or the default. So to call the
function once is to discover its space. Where a branch is closed (`conditional_scope`), its hyperparameters are
registered as conditional; where a plain `if` hides one, it is discovered when a trial opens the branch. Names and
meanings are keras-tuner's (version 1.4.8): a build function that uses only the arguments below runs under both. It has
more (`ordered`, the third of its `Choice`; `parent_name`, `parent_values`), so give `default` by name. Chapter 3.
"""

from hpt_lab.hyperparameters.definition import HyperParameter
from hpt_lab.hyperparameters.discovery import build, discover
from hpt_lab.hyperparameters.hyperparameters import HyperParameters
from hpt_lab.hyperparameters.notes import from_notes, tell, to_notes, widen

__all__ = ["HyperParameter", "HyperParameters", "build", "discover", "from_notes", "tell", "to_notes", "widen"]
