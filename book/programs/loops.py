# Two loops: the inner one takes twenty steps down a valley that is twenty times as steep in one direction; the outer one sees the end.
import numpy as np

rate = 0.003  # of the inner loop: what the outer loop chooses

steepness = np.array([1, 20])
w = 1 / np.sqrt(steepness)  # where each direction has the height 1
for step in range(1, 21):
    w = w - rate * 2 * steepness * w
    if step % 5 == 0:
        print(f"step {step}: loss {(steepness * w**2).mean():.4g}")
