"""A study, or a whole file of them, as a page that is alive: in a browser, it follows the search while it runs.

    feed       the studies of a file, or one in memory, and what a page is told about each: what has changed, the
               report's words, and what mattered; and what a page may change
    server     a server for this machine alone, which changes nothing, unless it is told to
    page.html, page.css, page.js, charts.js      the page: the report's sections, with figures that move; a trial in detail is the
               report's `trial.js`

Chapter 5.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hpt_lab.study import Study
from hpt_lab.values.checks import flag, integer, one_of

if TYPE_CHECKING:
    from hpt_lab.tools.serve.server import Server

__all__ = ["serve"]


def serve(
    study: Study | str | os.PathLike[str], /, *, port: int = 0, language: str = "en", edit: bool = False
) -> Server:
    """Serve a live page of a study, or of all studies of a file, and return its server at once.

    The page follows a search in whichever process it runs, even if that is killed and the search is resumed. Any browser
    on this machine can open it, and no other can; it changes nothing, unless `edit` is True. `study.serve()` is the same.

    Raises TypeError or ValueError if an argument is wrong or the port cannot be used, StorageError if the file cannot be
    read, and ImportError if jinja2 or matplotlib is missing.

    Parameters
    ----------
    study : Study, or the path of a file of studies
    port : int, by default any free one
    language : {"en", "ko"}
        Of the page's own words; names, choices and errors stay.
    edit : bool
        Whether the page may change notes on the study and its trials, rename the study, and delete it: by default not. Only the address that `url`
        gives allows this, since it ends in a secret token.

    Returns
    -------
    Server
        `url` is the page's address, and `close()` ends it; so does leaving a `with`.

    Examples
    --------
    >>> import hpt_lab as hpt
    >>> study = hpt.tune(lambda p: p["x"] ** 2, {"x": hpt.Float(-1, 1)}, hpt.RandomSearch(), 5, progress=False)
    >>> with study.serve() as server:
    ...     print(server.url.rpartition(":")[0])
    http://127.0.0.1
    """
    import jinja2  # noqa: F401  # better missing now than in a thread
    import matplotlib  # noqa: F401

    from hpt_lab.tools.report.languages import LANGUAGES
    from hpt_lab.tools.serve.feed import Studies
    from hpt_lab.tools.serve.server import Server
    from hpt_lab.tools.storage.sqlite import as_path

    one_of("serve: language", language, LANGUAGES)
    flag("serve: edit", edit)
    port, number = integer("serve: port", port, 0, 65535), None
    if not isinstance(study, Study):
        studies = Studies(as_path("serve: study", study))
    elif study.name is None:
        studies, number = Studies(study), 1
    else:
        studies = Studies(study._backend.database.path)  # type: ignore[attr-defined]
        number = {name: number for number, name in studies.names().items()}.get(study.name)
    try:
        return Server(studies, number, port, language, edit)
    except OSError as error:
        studies.close()
        raise ValueError(f"serve: port={port} cannot be used ({error.strerror}); give another one") from None
