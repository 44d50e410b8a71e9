# The tree that asks about one measurement, s5: its errors by depth. Change the split, the measurement, or what a leaf must hold.
from sklearn.metrics import mean_absolute_error
from sklearn.tree import DecisionTreeRegressor

from hpt_lab import datasets

split = 1

data = datasets.diabetes(seed=split - 1)
column = [data.feature_names.index("s5")]
for depth in range(1, 13):
    tree = DecisionTreeRegressor(max_depth=depth, random_state=0).fit(data.X_train[:, column], data.y_train)
    train = mean_absolute_error(data.y_train, tree.predict(data.X_train[:, column]))
    valid = mean_absolute_error(data.y_valid, tree.predict(data.X_valid[:, column]))
    print(f"depth {depth:2}: {tree.get_n_leaves():3} groups, training error {train:.1f}, validation error {valid:.1f}")
