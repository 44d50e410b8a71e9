"""The headline of a figure's slide: the first statement below the figure that can stand alone.

It is chosen in English; a translation takes the sentence at the same place.
"""

import re

from book.press.slides.markup import SENTENCE

FIRST = 3  # sentences among which the headline is looked for
WIDEST = 125  # in columns: a Korean letter takes two
THEREFORE = re.compile(r"(?:So,? |그래서 |따라서 |그러므로 |그러니까 |그러니 |즉,? )")
# Such a sentence needs the one before it, asks for something, speaks of its page, or explains the marks of a figure.
REFUSED = re.compile(
    r"^(?:But|And|Or|They|It|Its|He|She|Her|His|Their|Both|Then|Next|First|Second|This|That|These|Those|Such|Here|Now|Notice|Look"
    r"|Guess|Take|None|All of|The others?|The exception|We|To|Each|For each,|For other|For a second|Not|One of them|Steps|Python) "
    r"|^(?:A|The) (?:\w+ )?(?:line|bar|band|circle|±)s? |^Bold"
    r"|\b(?:itself|show it|hidden cell|lesson|chapter|below|above|this plot|figure)\b| too\."
)


def chosen(texts):
    """Return the headline's place among the sentences of some texts in HTML: number of text, number of sentence; None if none can be it."""
    places = [(i, j, one) for i, text in enumerate(texts) for j, one in enumerate(SENTENCE.split(text))]
    for i, j, sentence in places[:FIRST]:
        words = plain(headline(sentence))
        if plain(sentence).endswith(".") and columns(words) <= WIDEST and not REFUSED.search(f"{words}."):
            return i, j
    return None


def translated(place, english, texts):
    """Return the sentence of a translation at a place that was chosen in English; empty if the two texts are not built alike."""
    i, j = place
    if len(texts) != len(english):
        return ""
    ours, theirs = SENTENCE.split(texts[i]), SENTENCE.split(english[i])
    fits = j == 0 or len(ours) == len(theirs)
    return ours[j] if fits and plain(ours[j]).endswith(".") and columns(ours[j]) <= WIDEST else ""


def headline(sentence):
    """Return a sentence without its full stop, without emphases, and without the word that ties it to the one before."""
    said = THEREFORE.sub("", re.sub("</?(?:strong|em)>", "", sentence), count=1)
    first = said[:1].upper() if said[:1].isascii() else said[:1]  # μP is a name
    return first + said[1:].removesuffix(".")


def plain(text):
    return re.sub("<[^>]+>", "", text)


def columns(text):
    """Return how wide the words of some HTML are."""
    return sum(2 if "가" <= letter <= "힣" else 1 for letter in plain(text))
