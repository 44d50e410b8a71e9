"""Tools for work with the search strategies, above a wall: nothing that the book teaches imports them when it is loaded.

    storage     studies in a file, which survive a crash, for any number of processes
    workers     trials in other processes, or on a cluster
    search_cv   any strategy as a scikit-learn estimator
    tuner       define-by-run search, with keras-tuner's names
    report      a study as one page;  serve: the same page, alive
    race        other people's strategies against the lab's own

A method below that needs one imports it when it is called: `Study(storage=...)`, `run(n_workers=...)`, `study.report(...)`.
"""
