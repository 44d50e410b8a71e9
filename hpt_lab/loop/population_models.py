"""The models of a population in a file beside its study, from which a killed training resumes at its last whole round.

    runs.db                          the study, told member by member
    runs.db-<name>.joblib            the models after the latest whole round, written whole or not at all

After a kill, the study may be ahead of the models. Then its trials beyond that round are taken back, and asked for again: a
trial follows from those before it, so they are the same. The file is a pickle, which can run code when it is read. Chapter 7.
"""

import io
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hpt_lab.study import StorageError, Study
from hpt_lab.study.outcomes import describe
from hpt_lab.values.checks import WrongType, short

WHO = "population_based_training"


class Models:
    """The file of a population's models."""

    def __init__(self, study: Study, storage: Any, n_members: int) -> None:
        try:
            import joblib
        except ImportError:
            needs = "needs joblib to write models: pip install joblib"
            raise ValueError(f"{WHO}: storage={short(storage)} {needs}") from None
        self._joblib, self.study, self.n_members = joblib, study, n_members
        self.path = Path(f"{os.path.abspath(storage)}-{quote(str(study.name), safe='')}.joblib")

    def check(self, model: Any) -> None:
        """Raise TypeError if this model cannot be written."""
        try:
            self._joblib.dump(model, io.BytesIO())
        except Exception as error:
            right = f"must be one that joblib can write, or leave storage out: {describe(error)}"
            raise WrongType(f"{WHO}: the model {short(model)} {right}") from error

    def write(self, models: dict[int, Any]) -> None:
        """Write the models after a whole round. An interrupt leaves those of the round before."""
        trials, beside = self.study.trials, self.path.with_name(f"{self.path.name}.part")
        with beside.open("wb") as file:
            self._joblib.dump({"first": trials[0].started, "n_trials": len(trials), "models": models}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self.path)

    def resume(self) -> dict[int, Any]:
        """Return the models of the latest whole round, {} before the first, and take back the trials beyond it.

        Raises ValueError if the study is of another kind or another `n_members`, or a process trains it now, and
        StorageError if the models are gone or cannot be read.
        """
        study, n, trials = self.study, self.n_members, self.study.trials
        where = f"study {short(study.name)} of the file"
        for place, trial in enumerate(trials):
            if not {"rung", "config", "parent"} <= trial.info.keys():
                raise ValueError(f"{WHO}: {where} must hold a population, or give another name")
            if (trial.info["rung"], trial.info["config"]) != divmod(place, n):
                raise ValueError(f"{WHO}: n_members={n} must be as in {where}, or give another name")
        if len(study.history.running) > len(study.orphans):
            raise ValueError(f"{WHO}: {where} must have no running trial, but a process trains one now")
        kept = self._read() if self.path.exists() else None
        if kept is None or not trials or kept["first"] != trials[0].started:  # of a study that was deleted
            kept = {"n_trials": 0, "models": {}}
        if (kept["n_trials"] == 0 and len(trials) > n) or len(trials) < kept["n_trials"]:
            must = f"must hold the models of {where}; give another name to start again"
            raise StorageError(f"{WHO}: {str(self.path)!r} {must}")
        study._forget_from(kept["n_trials"])
        return kept["models"]

    def _read(self) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = self._joblib.load(self.path)
            return {name: kept[name] for name in ("first", "n_trials", "models")}
        except Exception as error:
            must = f"must be models of this population: {describe(error)}"
            raise StorageError(f"{WHO}: {str(self.path)!r} {must}") from error
