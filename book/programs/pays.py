# Two searches, one of which thinks: which is done first?
run = 10.0  # seconds of a training run
needs = 30  # trials that the model needs; random search needs 40
thinks = 10.0  # seconds of a suggestion by the model

dice, model = 40 * run, needs * (run + thinks)
level = needs * thinks / (40 - needs)
print(f"both take as long at {level:.1f} seconds a run")
print(f"random search: {dice / 60:.2f} minutes, the model: {model / 60:.2f} minutes")
