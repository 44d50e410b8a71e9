# Halving and ASHA on workers, in virtual time: change their number, the rungs, or how long a training run takes.
import hpt_lab as hpt
from hpt_lab import problems

workers = 1

problem = problems.mlp_mnist()


def hours(trial):
    return trial.budget  # an hour for each epoch


def run(strategy, until=None):
    study = hpt.Study(problem.space, strategy, seed=0)
    return hpt.simulate(study, problem, hours, workers, until=until or 1e6)


halving = run(hpt.SuccessiveHalving(27, 1, 27))
for name, found in {"halving": halving, "ASHA": run(hpt.ASHA(1, 27), until=halving.seconds)}.items():
    busy = sum(min(one.ended, halving.seconds) - one.started for one in found.moments)
    idle = 1 - busy / (workers * halving.seconds)
    print(f"{name}: {halving.seconds:.0f} hours, {len(found.moments)} training runs, idle {idle:.0%}")
