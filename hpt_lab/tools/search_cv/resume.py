"""The study of a search: a new one, or the one in its file, with the same samples, folds, estimator and scoring.

With its study a search keeps short strings for these (checksums of data), the same on every machine. Chapter 5.
"""

import copy
import os
import re
import zlib
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_random_state

from hpt_lab.space import Space
from hpt_lab.strategies import BayesianOptimization
from hpt_lab.study import StorageError, Study
from hpt_lab.tools.search_cv.scores import Split
from hpt_lab.values.checks import short

NOTE = "search_cv"  # the name under which a study keeps what it was made with


def open_study(search: Any, space: Space) -> Study:
    """Return the study of a search, in its file if it has one; a seed that must be drawn is drawn only once."""
    choices = [one for dimension in space.dimensions.values() for one in getattr(dimension, "choices", ())]
    same = {id(one): one for one in choices}  # choices are recognized by identity, so they are not copied
    strategy = BayesianOptimization() if search.strategy is None else copy.deepcopy(search.strategy, same)
    seed = search.random_state if isinstance(search.random_state, (int, np.integer)) else None
    if seed is None and search.storage is not None:
        with suppress(StorageError), closing(Study.open(search.storage, search.name or "study")) as known:
            seed = known.seed
    if seed is None:
        seed = check_random_state(search.random_state).randint(np.iinfo(np.int32).max)
    return Study(space, strategy, direction="maximize", seed=int(seed), storage=search.storage, name=search.name)


def check_same(study: Study, search: Any, X: Any, y: Any, folds: list[Split], fit_params: Mapping[str, Any]) -> None:
    """Record data, `fit_params`, folds, estimator and scoring; raise ValueError if a stored study had different ones."""
    if search.storage is None:
        return
    settings = {name: getattr(search, name) for name in ("estimator", "scoring", "resource", "return_train_score")}
    if isinstance(search.refit, str):  # of several metrics, the one that the strategy sees
        settings["refit"] = search.refit
    weights = {name: _data(value) for name, value in fit_params.items() if value is not None}
    now = {**weights, **fingerprint(X, y, folds, **settings)}
    then = study.notes.get(NOTE, now)
    for name in dict.fromkeys((*now, *then)):
        if now.get(name) != then.get(name):
            where = f"study {short(search.name or 'study')} of {short(os.fspath(search.storage), 120)}"
            what = f"{then.get(name)}, as in {where}; give that, or another name"
            raise ValueError(f"SearchCV: {name}={now.get(name)} must be {what}")
    study.note(**{NOTE: now})


def fingerprint(X: Any, y: Any, folds: list[Split], **more: Any) -> dict[str, str]:
    """Return short strings that identify a search's data, folds, estimator and so on, on any machine."""
    checked = 0
    for indices in (part for fold in folds for part in fold):
        checked = zlib.crc32(np.ascontiguousarray(indices, dtype="<i8").tobytes(), checked)
    texts = {name: _text(value) for name, value in more.items()}
    return {**texts, "X": _data(X), "y": _data(y), "cv": f"{len(folds)} folds, {checked:08x}"}


def _text(value: Any) -> str:
    if callable(value) and hasattr(value, "__qualname__"):
        return str(value.__qualname__)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(inside)}" for name, inside in value.items())
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", " ".join(repr(value).split()))


def _data(data: Any) -> str:
    if issparse(data):
        data = data.tocsr()
        parts = [np.asarray(part) for part in (data.data, data.indices, data.indptr)]
    else:
        try:
            parts = [np.asarray(data)]
        except ValueError:  # lists of unequal lengths
            parts = [np.array([_text(one) for one in data])]
    checked = 0
    for part in parts:
        held = _text(part.tolist()).encode() if part.dtype.hasobject else np.ascontiguousarray(part).tobytes()
        checked = zlib.crc32(held, checked)
    shape = getattr(data, "shape", None) or parts[0].shape
    return f"{short(tuple(shape))}, {checked:08x}"
