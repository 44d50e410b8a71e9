# The bill of a grid: k values for each of d hyperparameters. Change what you like: what does one more hyperparameter cost?
k = 3
d = 10
minutes = 10
price = 1
machines = 1

for dimensions in (d, d + 1):
    trainings = k**dimensions
    hours = -(-trainings // machines) * minutes / 60  # the last machine may have one more to do
    cost = trainings * minutes / 60 * price
    print(
        f"{k}^{dimensions} = {trainings:,} training runs: {hours:,.0f} hours, {hours / 24 / 365:,.2f} years, ${cost:,.0f}"
    )
