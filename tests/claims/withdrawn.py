"""Sentences that were withdrawn though no block spoke against them: they could not have failed, or counted a fact."""

WAITS = "05_trade_offs/02_nobody_waits"
HONEST = "05_trade_offs/05_honest_evaluation"
LOSES = "05_trade_offs/06_when_bayesian_optimization_loses"
WHICH = "05_trade_offs/07_which_strategy_when"

WITHDRAWN = [  # (lesson, sentence, what the lesson says instead)
    (
        "02_grid_search/02_the_winner_is_noise",
        "Stopping after three depths delivers as good a forest, to within 0.5",
        "To within 0.15, a third of what the nine differ by",
    ),
    (
        WAITS,
        "Halving whose next bracket begins meanwhile finds as much as ASHA, within 0.2 points",
        "It loses less than a third of what waiting costs",
    ),
    (
        HONEST,
        "Nested cross-validation does not flatter: within 0.025",
        "It flatters by less than a third of what the flat score does",
    ),
    (
        LOSES,
        "Under noise a search tries a far better place than it delivers",
        "Better by more than 3 of regret; the best place tried is never worse",
    ),
    (
        LOSES,
        "On a board without structure the model opens fewer fields than there are trials",
        "Fewer than random search, which opens the same field twice now and then",
    ),
    (
        WHICH,
        "Three misleading trials cost less than 0.5 of regret after 40 trials",
        "They save less than a third of what a good beginning does",
    ),
]
