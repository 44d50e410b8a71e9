# A good trial near a bound: is there something better past it?
import numpy as np

end = 7.0  # the road is searched from km 6 to here


def water(x):
    """Return the meters down to the water at km x of the road."""
    return 26 + 2.5 * np.sin(1.1 * x) - 13 * np.exp(-(((x - 7.6) / 0.75) ** 2)) - 9 * np.exp(-(((x - 2.4) / 1.3) ** 2))


wells = np.arange(60, round(10 * end) + 1) / 10
best = wells[water(wells).round(6).argmin()]
past = end + (end - 6) / 4
print("near the end" if round(end - best, 6) < round(0.3 * (end - 6), 6) else "not near the end")
print(
    f"best well: km {best:.1f}, {water(best):.2f} m; past the end the water is nearer by {water(best) - water(past):.2f} m"
)
