"""The prose check: what a reader of the book or of the code meets, held to the term table in terms.yml.

    python -m tools.prose [FILE ...]     all files, or those named; prints file:line: what to write instead

textlint finds the words, with its rule prh and the table. It sees a copy of each file in which all but the prose is blank,
so that lines and columns are the file's own: `sentences` says what is prose in Markdown, Python, JavaScript and HTML. `counts` holds each page
to the numbers, signs and lost referents that it has today, in what its cells have computed, too.
"""
