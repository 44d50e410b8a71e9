pytest_plugins = ["tests.layers"]
