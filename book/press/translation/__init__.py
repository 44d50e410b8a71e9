"""The Korean edition.

catalogs       a catalog of messages and their translations
rules          what a message and its translation must share, and the terms
translate      a notebook in another language
cells          the comments of cells, and what they print
drawn          a figure in another language
javascript     the marked words of the scripts
extension      the Sphinx extension of the edition
korean_search  search in Korean
"""
