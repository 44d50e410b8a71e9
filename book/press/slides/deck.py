"""The deck of a lesson: slides, and the rule by which they are chosen.

A deck begins with its question, has one vote, and ends with what was found. Between them stand the ideas of the lesson, in its order:
one slide for each section that has a figure, a device, or a formula; then further figures, and programs, as far as there is room.
"""

import dataclasses

MOST = 12  # slides of a lesson
ENOUGH = 8  # a deck as long as this gets no programs that nobody has asked for
LEAST = 5  # a shorter deck gets more votes


@dataclasses.dataclass(eq=False)
class Slide:
    """One slide: title, body, lines and notes are HTML; its place is its position in the lesson, its idea that of its section."""

    kind: str
    title: str
    notes: str
    place: int = 0
    body: str = ""
    lines: tuple[str, ...] = ()  # a story's sentences, options, takeaways, a device's question
    right: int | None = None  # the position of the right option
    high: bool = False  # a figure beside its title, not below it
    marked: bool = False  # by the tag `slide`
    idea: int = 0
    topic: str = ""  # the title of its section, where the slide has another one


@dataclasses.dataclass(eq=False)
class Deck:
    """The slides that can be made from a lesson."""

    number: str
    title: str
    page: str
    minutes: int
    question: Slide
    takeaways: Slide
    pictures: list[Slide]  # figures, devices, formulas, programs, in the order of the lesson
    votes: list[Slide]

    @property
    def address(self):
        """Return where the deck stands in slides/, such as 05_trade_offs/01_stop_early."""
        return self.page.removeprefix("chapters/")

    @property
    def slides(self):
        """Return the chosen slides, in the order of the lesson."""
        shown = self._wanted()[: MOST - 3]
        votes = self.votes[: max(1, LEAST - 2 - len(shown))]
        return [self.question, *sorted(shown, key=lambda slide: slide.place), *votes, self.takeaways]

    def _wanted(self):
        """Return pictures, the most wanted first; formulas and programs only where a section has nothing else."""
        seen = [slide for slide in self.pictures if slide.kind in ("picture", "device")]
        carrying = [slide for slide in self.pictures if slide.marked or slide.kind == "device"]
        shown = {slide.idea for slide in [*seen, *carrying]}
        formulas = [slide for slide in self.pictures if slide.kind == "picture formula" and slide.idea not in shown]
        wanted = list(dict.fromkeys([*carrying, *_first(seen), *_first(formulas), *seen]))
        shown |= {slide.idea for slide in formulas}
        programs = [slide for slide in self.pictures if slide.kind == "picture code" and slide.idea not in shown]
        return wanted + _first(programs)[: max(0, ENOUGH - 3 - len(wanted))]


def _first(slides):
    """Return the first slide of each idea."""
    return list({slide.idea: slide for slide in reversed(slides)}.values())[::-1]
