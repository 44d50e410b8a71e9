"""Any search strategy as a scikit-learn estimator: `SearchCV`. Chapters 2 and 5."""

from hpt_lab.tools.search_cv.search import SearchCV

__all__ = ["SearchCV"]
