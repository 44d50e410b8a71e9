"""Sentences that were withdrawn though no block spoke against them: they could not have failed, counted a fact, or left with their part of a lesson."""

PAYS = "03_the_solution/03_does_learning_pay"
WAITS = "05_trade_offs/02_nobody_waits"
HONEST = "05_trade_offs/05_honest_evaluation"
LOSES = "05_trade_offs/06_when_bayesian_optimization_loses"
WHICH = "05_trade_offs/07_which_strategy_when"
EARLIER = "07_past_the_textbook/02_last_months_search"

LEFT = "Nothing: it held, and the lesson no longer needs it"

WITHDRAWN = [  # (lesson, sentence, what the lesson says instead)
    (
        "02_grid_search/02_the_winner_is_noise",
        "Stopping after three depths delivers as good a forest, to within 0.5",
        "To within 0.15, a third of the range of the nine",
    ),
    (PAYS, "At equal arithmetic, too, a search that learns finds more good settings than random search", LEFT),
    (PAYS, "A trial that the model chooses costs more arithmetic than a random one", LEFT),
    (PAYS, "A grid drawn blindly from those of one price delivers a worse winner than a search that learns", LEFT),
    (
        WAITS,
        "Overlapping halving finds as much as ASHA, within 0.2 points",
        "It loses less than a third of what waiting costs",
    ),
    (
        HONEST,
        "Nested cross-validation does not flatter: within 0.025",
        "It flatters by less than a third of what the flat score does",
    ),
    (
        LOSES,
        "Under noise a search tries a far better point than it delivers",
        "Better by more than 3 in regret; the best point tried is never worse",
    ),
    (
        LOSES,
        "On a board without structure the model opens fewer squares than there are trials",
        "Fewer than random search, which now and then opens the same square twice",
    ),
    (
        WHICH,
        "Three misleading trials cost less than 0.5 of regret after 40 trials",
        "They save less than a third of what a good start does",
    ),
    (
        EARLIER,
        "For the network, the three best are ahead of the ensemble after three trials",
        "Over ten training runs, we see no difference between the two",
    ),
    (
        EARLIER,
        "For boosting, one trial at the center of the space beats last month's best more often than not",
        "Nothing: that trial is the same in all searches of a training run, so three training runs were three observations, not forty",
    ),
]
