"""Chapter 3: plausible wrong answers, each of which its check rejects with a hint that fits."""

import matplotlib.pyplot as plt
import notebooks
import pytest

PATH = notebooks.ROOT / "chapters" / "03_the_solution" / "exercises.md"
CELLS = [cell for cell in notebooks.read_markdown(PATH).cells if cell.cell_type == "code"]

WRONG = {
    "reachable": [
        (
            "without_the_maximum",
            """
def reachable(low, high, step, sampling):
    if sampling == "linear":
        return list(range(low, high, step))
    values = [low]
    while values[-1] * step <= high:
        values.append(values[-1] * step)
    return values
""",
            "The maximum is included. Python's range",
        ),
        (
            "the_bound_always_added",
            """
def reachable(low, high, step, sampling):
    values = []
    while low < high:
        values.append(low)
        low = low * step if sampling == "log" else low + step
    return values + [high]
""",
            "A step that does not divide the range never arrives",
        ),
        (
            "multiples_of_the_step",
            """
def reachable(low, high, step, sampling):
    if sampling == "linear":
        return [n for n in range(low, high + 1) if n % step == 0]
    return [low * step**n for n in range(99) if low * step**n <= high]
""",
            "counted from the minimum",
        ),
        (
            "a_log_scale_that_adds",
            """
def reachable(low, high, step, sampling):
    return list(range(low, high + 1, step))
""",
            "the step multiplies; it does not add",
        ),
        (
            "powers_of_the_step",
            """
def reachable(low, high, step, sampling):
    if sampling == "linear":
        return list(range(low, high + 1, step))
    return [step**n for n in range(99) if low <= step**n <= high]
""",
            "The log scale starts at the minimum",
        ),
        (
            "a_log_scale_without_its_maximum",
            """
def reachable(low, high, step, sampling):
    if sampling == "linear":
        return list(range(low, high + 1, step))
    values = []
    while low < high:
        values.append(low)
        low *= step
    return values
""",
            "The maximum is included on the log scale",
        ),
        (
            "nothing_returned",
            "def reachable(low, high, step, sampling):\n    range(low, high + 1, step)",
            "returns None",
        ),
    ],
    "build-network": [
        (
            "a_plain_if",
            """
def build_network(hp):
    activation = hp.Choice("activation", ["relu", "tanh"])
    layers = hp.Choice("layers", [1, 2])
    hidden = [hp.Int("first_hidden", 16, 64, step=16)]
    if layers == 2:
        hidden.append(hp.Int("second_hidden", 8, 32, step=8))
    rate = hp.Float("learning_rate", 1e-4, 1e-1, sampling="log")
    return MLP(hidden=hidden, activation=activation, learning_rate=rate)
""",
            "inside a plain `if`",
        ),
        (
            "appended_inside_the_scope",
            """
def build_network(hp):
    activation = hp.Choice("activation", ["relu", "tanh"])
    layers = hp.Choice("layers", [1, 2])
    hidden = [hp.Int("first_hidden", 16, 64, step=16)]
    with hp.conditional_scope("layers", [2]):
        hidden.append(hp.Int("second_hidden", 8, 32, step=8))
    rate = hp.Float("learning_rate", 1e-4, 1e-1, sampling="log")
    return MLP(hidden=hidden, activation=activation, learning_rate=rate)
""",
            "a None must not get into the list",
        ),
        (
            "no_scope_at_all",
            """
def build_network(hp):
    activation = hp.Choice("activation", ["relu", "tanh"])
    layers = hp.Choice("layers", [1, 2])
    hidden = [hp.Int("first_hidden", 16, 64, step=16), hp.Int("second_hidden", 8, 32, step=8)][:layers]
    rate = hp.Float("learning_rate", 1e-4, 1e-1, sampling="log")
    return MLP(hidden=hidden, activation=activation, learning_rate=rate)
""",
            "second_hidden exists for one layer too",
        ),
        (
            "the_rate_on_a_linear_scale",
            """
def build_network(hp):
    activation = hp.Choice("activation", ["relu", "tanh"])
    layers = hp.Choice("layers", [1, 2])
    hidden = [hp.Int("first_hidden", 16, 64, step=16)]
    with hp.conditional_scope("layers", [2]):
        second = hp.Int("second_hidden", 8, 32, step=8)
    if layers == 2:
        hidden.append(second)
    rate = hp.Float("learning_rate", 1e-4, 1e-1)
    return MLP(hidden=hidden, activation=activation, learning_rate=rate)
""",
            "ask for it on a log scale",
        ),
        (
            "the_second_width_never_used",
            """
def build_network(hp):
    activation = hp.Choice("activation", ["relu", "tanh"])
    layers = hp.Choice("layers", [1, 2])
    hidden = [hp.Int("first_hidden", 16, 64, step=16)]
    with hp.conditional_scope("layers", [2]):
        hp.Int("second_hidden", 8, 32, step=8)
    rate = hp.Float("learning_rate", 1e-4, 1e-1, sampling="log")
    return MLP(hidden=hidden, activation=activation, learning_rate=rate)
""",
            "With layers=2 the network has hidden layers (16,)",
        ),
        (
            "another_order",
            """
def build_network(hp):
    layers = hp.Choice("layers", [1, 2])
    activation = hp.Choice("activation", ["relu", "tanh"])
    hidden = [hp.Int("first_hidden", 16, 64, step=16)]
    with hp.conditional_scope("layers", [2]):
        second = hp.Int("second_hidden", 8, 32, step=8)
    if layers == 2:
        hidden.append(second)
    rate = hp.Float("learning_rate", 1e-4, 1e-1, sampling="log")
    return MLP(hidden=hidden, activation=activation, learning_rate=rate)
""",
            "Ask in this order",
        ),
        (
            "the_rate_not_handed_over",
            """
def build_network(hp):
    activation = hp.Choice("activation", ["relu", "tanh"])
    layers = hp.Choice("layers", [1, 2])
    hidden = [hp.Int("first_hidden", 16, 64, step=16)]
    with hp.conditional_scope("layers", [2]):
        second = hp.Int("second_hidden", 8, 32, step=8)
    if layers == 2:
        hidden.append(second)
    rate = hp.Float("learning_rate", 1e-4, 1e-1, sampling="log")
    return MLP(hidden=hidden, activation=activation)
""",
            "does not use the learning rate",
        ),
        (
            "the_model_not_returned",
            """
def build_network(hp):
    activation = hp.Choice("activation", ["relu", "tanh"])
    MLP(hidden=[hp.Int("first_hidden", 16, 64, step=16)], activation=activation)
""",
            "must return the MLP",
        ),
    ],
    "gain": [
        (
            "without_ddof",
            """
def gain(train, settings, seeds):
    chosen = max(settings, key=lambda params: train(params, seeds[0]))
    differences = [train(chosen, seed) - train(settings[0], seed) for seed in seeds[1:]]
    return np.mean(differences), np.std(differences) / math.sqrt(len(differences))
""",
            "ddof=1",
        ),
        (
            "the_choosing_seed_judges_too",
            """
def gain(train, settings, seeds):
    chosen = max(settings, key=lambda params: train(params, seeds[0]))
    differences = [train(chosen, seed) - train(settings[0], seed) for seed in seeds]
    return np.mean(differences), np.std(differences, ddof=1) / math.sqrt(len(differences))
""",
            "may not judge it",
        ),
        (
            "chosen_by_the_mean",
            """
def gain(train, settings, seeds):
    chosen = max(settings, key=lambda params: np.mean([train(params, seed) for seed in seeds]))
    differences = [train(chosen, seed) - train(settings[0], seed) for seed in seeds[1:]]
    return np.mean(differences), np.std(differences, ddof=1) / math.sqrt(len(differences))
""",
            "Choose with the first seed alone",
        ),
        (
            "not_compared_with_the_first_setting",
            """
def gain(train, settings, seeds):
    chosen = max(settings, key=lambda params: train(params, seeds[0]))
    scores = [train(chosen, seed) for seed in seeds[1:]]
    return np.mean(scores), np.std(scores, ddof=1) / math.sqrt(len(scores))
""",
            "subtract its score",
        ),
        (
            "the_deviation_for_the_error",
            """
def gain(train, settings, seeds):
    chosen = max(settings, key=lambda params: train(params, seeds[0]))
    differences = [train(chosen, seed) - train(settings[0], seed) for seed in seeds[1:]]
    return np.mean(differences), np.std(differences, ddof=1)
""",
            "divide by the root of n",
        ),
        (
            "turned_around",
            """
def gain(train, settings, seeds):
    chosen = max(settings, key=lambda params: train(params, seeds[0]))
    differences = [train(settings[0], seed) - train(chosen, seed) for seed in seeds[1:]]
    return np.mean(differences), np.std(differences, ddof=1) / math.sqrt(len(differences))
""",
            "not the other way round",
        ),
        (
            "seeds_counted_instead_of_used",
            """
def gain(train, settings, seeds):
    chosen = max(settings, key=lambda params: train(params, 0))
    differences = [train(chosen, n) - train(settings[0], n) for n in range(1, len(seeds))]
    return np.mean(differences), np.std(differences, ddof=1) / math.sqrt(len(differences))
""",
            "The seeds are those of the list",
        ),
    ],
    "mended-build": [
        (
            "the_broken_one",
            "mended_build = broken_build",
            "share one width",
        ),
        (
            "the_rate_still_fixed",
            """
def mended_build(hp):
    rate = hp.Float("rate", 1e-4, 1e-1, sampling="log")
    hidden = [hp.Int(f"units_{layer}", 16, 64, step=16) for layer in range(2)]
    activation = hp.Choice("activation", ["relu", "tanh"])
    return MLP(hidden=hidden, learning_rate=1e-4, activation=activation)
""",
            "The rate was asked for, and does not reach",
        ),
        (
            "the_misspelt_name_still_there",
            """
def mended_build(hp):
    rate = hp.Float("rate", 1e-4, 1e-1, sampling="log")
    hidden = [hp.Int(f"units_{layer}", 16, 64, step=16) for layer in range(2)]
    activation = hp.Choice("activation", ["relu", "tanh"])
    return MLP(hidden=hidden, learning_rate=rate, activation=hp.values.get("activaton", "relu"))
""",
            "The activation was asked for, and does not reach",
        ),
        (
            "the_misspelt_name_looked_up",
            """
def mended_build(hp):
    rate = hp.Float("rate", 1e-4, 1e-1, sampling="log")
    hidden = [hp.Int(f"units_{layer}", 16, 64, step=16) for layer in range(2)]
    hp.Choice("activation", ["relu", "tanh"])
    return MLP(hidden=hidden, learning_rate=rate, activation=hp["activaton"])
""",
            "under a name that nobody asked for",
        ),
        (
            "counted_from_one",
            """
def mended_build(hp):
    rate = hp.Float("rate", 1e-4, 1e-1, sampling="log")
    hidden = [hp.Int(f"units_{layer}", 16, 64, step=16) for layer in (1, 2)]
    activation = hp.Choice("activation", ["relu", "tanh"])
    return MLP(hidden=hidden, learning_rate=rate, activation=activation)
""",
            "should ask for rate, units_0, units_1",
        ),
        (
            "one_layer_left_out",
            """
def mended_build(hp):
    rate = hp.Float("rate", 1e-4, 1e-1, sampling="log")
    for layer in range(2):
        hidden = [hp.Int(f"units_{layer}", 16, 64, step=16)]
    activation = hp.Choice("activation", ["relu", "tanh"])
    return MLP(hidden=hidden, learning_rate=rate, activation=activation)
""",
            "1 hidden layers instead of two",
        ),
        (
            "the_scale_lost",
            """
def mended_build(hp):
    rate = hp.Float("rate", 1e-4, 1e-1)
    hidden = [hp.Int(f"units_{layer}", 16, 64, step=16) for layer in range(2)]
    activation = hp.Choice("activation", ["relu", "tanh"])
    return MLP(hidden=hidden, learning_rate=rate, activation=activation)
""",
            "another range or scale",
        ),
    ],
    "at-the-edge": [
        (
            "the_upper_end_only",
            """
def at_the_edge(tuner, share=0.05):
    best, names = tuner.get_best_hyperparameters()[0].values, []
    for h in tuner.hyperparameters.space:
        if h.kind in ("Int", "Float") and h.name in best:
            first, last = (h.dimension.encode(h.dimension.decode(end)) for end in (0.0, 1.0))
            if (h.dimension.encode(best[h.name]) - first) / (last - first) >= 1 - share:
                names.append(h.name)
    return names
""",
            "The lower end is an edge, too",
        ),
        (
            "the_unreachable_bound",
            """
def at_the_edge(tuner, share=0.05):
    best, names = tuner.get_best_hyperparameters()[0].values, []
    for h in tuner.hyperparameters.space:
        if h.kind in ("Int", "Float") and h.name in best:
            low, high = h.config["min_value"], h.config["max_value"]
            value = best[h.name]
            if h.config["sampling"] == "log":
                low, high, value = math.log(low), math.log(high), math.log(value)
            u = (value - low) / (high - low)
            if u <= share or u >= 1 - share:
                names.append(h.name)
    return names
""",
            "112, not 128",
        ),
        (
            "linear_distances",
            """
def at_the_edge(tuner, share=0.05):
    best, names = tuner.get_best_hyperparameters()[0].values, []
    for h in tuner.hyperparameters.space:
        if h.kind in ("Int", "Float") and h.name in best:
            low, high = h.dimension.decode(0.0), h.dimension.decode(1.0)
            u = (best[h.name] - low) / (high - low)
            if u <= share or u >= 1 - share:
                names.append(h.name)
    return names
""",
            "Distances on a log scale are logarithmic",
        ),
        (
            "inactive_ones_looked_up",
            """
def at_the_edge(tuner, share=0.05):
    best, names = tuner.get_best_hyperparameters()[0].values, []
    for h in tuner.hyperparameters.space:
        if h.kind in ("Int", "Float"):
            first, last = (h.dimension.encode(h.dimension.decode(end)) for end in (0.0, 1.0))
            u = (h.dimension.encode(best[h.name]) - first) / (last - first)
            if u <= share or u >= 1 - share:
                names.append(h.name)
    return names
""",
            "An inactive hyperparameter has no best value",
        ),
        (
            "choices_too",
            """
def at_the_edge(tuner, share=0.05):
    best, names = tuner.get_best_hyperparameters()[0].values, []
    for h in tuner.hyperparameters.space:
        if h.name in best:
            first, last = (h.dimension.encode(h.dimension.decode(end)) for end in (0.0, 1.0))
            u = (h.dimension.encode(best[h.name]) - first) / (last - first)
            if u <= share or u >= 1 - share:
                names.append(h.name)
    return names
""",
            "A Choice has no edge",
        ),
        (
            "a_share_of_its_own",
            """
def at_the_edge(tuner, share=0.05):
    best, names = tuner.get_best_hyperparameters()[0].values, []
    for h in tuner.hyperparameters.space:
        if h.kind in ("Int", "Float") and h.name in best:
            first, last = (h.dimension.encode(h.dimension.decode(end)) for end in (0.0, 1.0))
            u = (h.dimension.encode(best[h.name]) - first) / (last - first)
            if u <= 0.1 or u >= 0.9:
                names.append(h.name)
    return names
""",
            "The share decides how near is near",
        ),
        (
            "sorted_by_name",
            """
def at_the_edge(tuner, share=0.05):
    best, names = tuner.get_best_hyperparameters()[0].values, []
    for h in tuner.hyperparameters.space:
        if h.kind in ("Int", "Float") and h.name in best:
            first, last = (h.dimension.encode(h.dimension.decode(end)) for end in (0.0, 1.0))
            u = (h.dimension.encode(best[h.name]) - first) / (last - first)
            if u <= share or u >= 1 - share:
                names.append(h.name)
    return sorted(names)
""",
            "in the order of the space",
        ),
    ],
    "exchange-rate": [
        (
            "the_loss_for_the_regret",
            """
def exchange_rate(frame, strategy, n, against):
    means = frame.groupby(["strategy", "trial"])["loss"].mean().round(9)
    enough = means[against][means[against] <= means[strategy][n]]
    return int(enough.index[0]) if len(enough) else None
""",
            "Compare the `regret`",
        ),
        (
            "strictly_below",
            """
def exchange_rate(frame, strategy, n, against):
    means = frame.groupby(["strategy", "trial"])["regret"].mean().round(9)
    enough = means[against][means[against] < means[strategy][n]]
    return int(enough.index[0]) if len(enough) else None
""",
            "equal is good enough",
        ),
        (
            "counted_from_zero",
            """
def exchange_rate(frame, strategy, n, against):
    means = frame.groupby(["strategy", "trial"])["regret"].mean().round(9)
    enough = (means[against] <= means[strategy][n]).to_numpy()
    return int(enough.argmax()) if enough.any() else None
""",
            "Trials are counted from 1",
        ),
        (
            "an_error_where_it_never_gets_there",
            """
def exchange_rate(frame, strategy, n, against):
    means = frame.groupby(["strategy", "trial"])["regret"].mean().round(9)
    return int(means[against][means[against] <= means[strategy][n]].index[0])
""",
            "Where it never gets there, the answer is None; your function stops with IndexError",
        ),
        (
            "one_where_it_never_gets_there",
            """
def exchange_rate(frame, strategy, n, against):
    means = frame.groupby(["strategy", "trial"])["regret"].mean().round(9)
    return int((means[against] <= means[strategy][n]).to_numpy().argmax()) + 1
""",
            "Where it never gets there, the answer is None, and yours is 1",
        ),
        (
            "the_median",
            """
def exchange_rate(frame, strategy, n, against):
    means = frame.groupby(["strategy", "trial"])["regret"].median().round(9)
    enough = means[against][means[against] <= means[strategy][n]]
    return int(enough.index[0]) if len(enough) else None
""",
            "not the median, and not seed by seed",
        ),
        (
            "the_mean_of_the_crossings",
            """
def exchange_rate(frame, strategy, n, against):
    paths = frame.pivot(index="trial", columns=["strategy", "seed"], values="regret").round(9)
    crossings = []
    for seed in paths[against]:
        enough = paths[against][seed] <= paths[strategy][seed][n]
        if not enough.any():
            return None
        crossings.append(int(enough.idxmax()))
    return round(sum(crossings) / len(crossings))
""",
            "not the median, and not seed by seed",
        ),
        (
            "looked_for_within_n",
            """
def exchange_rate(frame, strategy, n, against):
    means = frame.groupby(["strategy", "trial"])["regret"].mean().round(9)
    for trial in range(1, n + 1):
        if means[against][trial] <= means[strategy][n]:
            return trial
    return None
""",
            "The answer may be larger than n",
        ),
    ],
    "best-rates": [
        (
            "the_lowest_cell",
            "def best_rates(errors, rates):\n    return [rates[int(np.argmin(row))] for row in errors]",
            "Lay a parabola through it",
        ),
        (
            "the_sign_turned",
            """
def best_rates(errors, rates):
    best = []
    for row in errors:
        i = int(np.argmin(row))
        if 0 < i < len(rates) - 1:
            left, middle, right = row[i - 1 : i + 2]
            best.append(rates[i] * (rates[1] / rates[0]) ** ((right - left) / (2 * (left - 2 * middle + right))))
        else:
            best.append(rates[i])
    return best
""",
            "the sign of delta is turned around",
        ),
        (
            "the_two_forgotten",
            """
def best_rates(errors, rates):
    best = []
    for row in errors:
        i = int(np.argmin(row))
        if 0 < i < len(rates) - 1:
            left, middle, right = row[i - 1 : i + 2]
            best.append(rates[i] * (rates[1] / rates[0]) ** ((left - right) / (left - 2 * middle + right)))
        else:
            best.append(rates[i])
    return best
""",
            "Delta is twice too large",
        ),
        (
            "a_step_that_adds",
            """
def best_rates(errors, rates):
    best = []
    for row in errors:
        i = int(np.argmin(row))
        if 0 < i < len(rates) - 1:
            left, middle, right = row[i - 1 : i + 2]
            delta = (left - right) / (2 * (left - 2 * middle + right))
            best.append(rates[i] + delta * (rates[i + 1] - rates[i]))
        else:
            best.append(rates[i])
    return best
""",
            "A step multiplies the rate",
        ),
        (
            "no_care_at_the_ends",
            """
def best_rates(errors, rates):
    best = []
    for row in errors:
        i = int(np.argmin(row))
        left, middle, right = row[i - 1], row[i], row[i + 1]
        best.append(rates[i] * (rates[1] / rates[0]) ** ((left - right) / (2 * (left - 2 * middle + right))))
    return best
""",
            "Where the lowest cell is the first or the last one",
        ),
        (
            "one_rate_for_all_widths",
            """
def best_rates(errors, rates):
    row = errors.mean(axis=0)
    i = int(np.argmin(row))
    left, middle, right = row[i - 1 : i + 2] if 0 < i < len(rates) - 1 else (1, 0, 1)
    return rates[i] * (rates[1] / rates[0]) ** ((left - right) / (2 * (left - 2 * middle + right)))
""",
            "one rate for each row",
        ),
    ],
}


def verdict(grade_id, answer):
    """What the check of an exercise says of an answer: None if it passes."""
    namespace = {"__name__": "__main__"}
    check = None
    for cell in CELLS:
        about = cell.metadata.get("nbgrader", {}).get("grade_id")
        if about == f"check-{grade_id}":
            check = cell.source
            break
        if not notebooks.is_check(cell):
            exec(compile(answer if about == grade_id else cell.source, f"<{about}>", "exec"), namespace)
    assert check is not None, grade_id
    try:
        exec(compile(check, "<check>", "exec"), namespace)
    except AssertionError as error:
        return str(error)
    finally:
        plt.close("all")
    return None


def test_every_exercise_has_at_least_five_wrong_answers():
    exercises = [cell.metadata.nbgrader.grade_id for cell in CELLS if notebooks.is_solution(cell)]
    assert list(WRONG) == exercises
    assert all(len(answers) >= 5 for answers in WRONG.values())


@pytest.mark.parametrize(
    ("grade_id", "answer", "hint"),
    [
        pytest.param(grade_id, answer, hint, id=f"{grade_id}-{name}")
        for grade_id, answers in WRONG.items()
        for name, answer, hint in answers
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(grade_id, answer, hint):
    said = verdict(grade_id, answer)
    assert said is not None, "the check passes it"
    assert hint in said


def test_every_passed_check_says_what_is_now_known():
    for cell in CELLS:
        if notebooks.is_check(cell):
            last = cell.source.strip().splitlines()[-1]
            assert last.startswith('print("Check passed: ')
            assert last.endswith('.")')
