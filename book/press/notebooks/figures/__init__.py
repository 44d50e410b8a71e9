"""The figures of a notebook as SVG, in two widths: drawn in the kernel beside the PNG that the notebook keeps.

- kernel: what the kernel does when a figure is shown; the notebook has no trace of it
- narrow: the same figure for a phone, where it can be had
- judge: what tells a figure that can be read from one that cannot
- store: the files in chapters/*/figures, named by their PNG, and the typeface
"""
