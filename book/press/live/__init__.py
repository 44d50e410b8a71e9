"""Cells that run in the page: Python in the browser (Pyodide), the lab, and an editor, all from the book's own folder.

python -m book.press.live [FOLDER-OR-ADDRESS]      fetch what is served, check it, and say what was done

assets      the files that are served: where they come from, and how they are checked
cells       the cells of a page, as the browser gets them
scripts     what esbuild makes of our scripts
extension   the Sphinx extension: `make book LIVE=1`
browser/    what runs there: the page, the frame that has no network, its worker with the Python side (kernel.py, names.py), the editor,
            the cache
"""
