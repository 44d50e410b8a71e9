"""The claims register themselves once, when `load` imports them: pytest must not import them a second time for doctests."""

collect_ignore_glob = ["claims_*.py"]
