# The ball in the valley f(w) = s w^2: change the learning rate, or the step itself, and see when the loss falls below a thousandth.
rate = 0.05
steepness = 1
steps = 10

w = 1 / steepness**0.5  # where the height is 1
for step in range(1, steps + 1):
    slope = 2 * steepness * w
    w = w - rate * slope
    loss = steepness * w**2
    print(f"step {step}: w = {w:7.4f}, loss {loss:.4f}", "(arrived)" if loss < 1e-3 else "")
