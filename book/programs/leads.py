# The lead of Bayesian optimization over random search, as reported and in the re-test, from the searches of the lesson.
import numpy as np

from hpt_lab.problems.trainings import DATA

n = 12
single = 0  # 1: count each search as an experiment of its own

stored = np.load(DATA / "leads.npz")
leads = (stored["random"] - stored["bayesian"])[:n] / stored["unit"]  # (seed, reported or re-test)
runs = np.arange(n) if single else np.arange(n) % 30  # searches that saw the same training run are averaged first
means = np.array([leads[runs == run].mean(axis=0) for run in np.unique(runs)])
for name, lead in zip(("as reported", "in the re-test"), means.T, strict=True):
    print(f"{name}: {lead.mean():.4f} ± {2 * lead.std(ddof=1) / np.sqrt(len(lead)):.4f} (two standard errors)")
