"""The deck of a chapter: slides, and the rule by which they are chosen.

A lesson always has its question and its takeaways. As long as the chapter has room, each lesson in turn, the longest first, gets one
more slide: see `Lesson.more`.
"""

import dataclasses

MOST = 25  # slides of a chapter


@dataclasses.dataclass(eq=False)
class Slide:
    """One slide: title, body, lines and notes are HTML; its place is its position in the lesson."""

    kind: str
    title: str
    notes: str
    place: int = 0
    body: str = ""
    lines: tuple[str, ...] = ()  # a story's sentences, options, takeaways, a device's question
    right: int | None = None  # the position of the right option
    high: bool = False  # a figure beside its title, not below it


@dataclasses.dataclass(eq=False)
class Lesson:
    """The slides that can be made from a lesson, the most wanted of each kind first."""

    number: str
    title: str
    address: str
    minutes: int
    question: Slide
    takeaways: Slide
    pictures: list[Slide]
    devices: list[Slide]
    votes: list[Slide]

    def more(self, together):
        """Return the slides beyond question and takeaways, the most wanted first. `together`: the question has a picture."""
        playing = [*self.devices, *self.votes]
        first, second, others = self.pictures[:1], self.pictures[1:2], self.pictures[2:]
        vote = [] if playing[:1] == self.votes[:1] else self.votes[:1]
        wanted = [*([] if together else first), *playing[:1], *second, *vote, *others, *self.devices[1:]]
        return [*wanted, *(slide for slide in self.votes[:2] if slide not in wanted)]


def chosen(lessons, most=MOST):
    """Return the slides of a chapter after its title, in order: one list for each lesson."""
    room = most - 1 - 2 * len(lessons)
    together = room < 3 * len(lessons)  # no room in every lesson for a picture, something to do, and one more
    taken = {lesson.number: [] for lesson in lessons}
    wanted = {lesson.number: lesson.more(together) for lesson in lessons}
    for turn in range(max(map(len, wanted.values()))):
        for lesson in sorted(lessons, key=lambda lesson: -lesson.minutes):
            if room and turn < len(wanted[lesson.number]):
                taken[lesson.number].append(wanted[lesson.number][turn])
                room -= 1
    return [_in_order(lesson, taken[lesson.number], together) for lesson in lessons]


def _in_order(lesson, slides, together):
    """Return a lesson's slides in its order. `together`: the first picture that is not too high comes with the question."""
    question = lesson.question
    if together:
        fitting = [slide for slide in lesson.pictures if not slide.high]
        fitting = [slide for slide in fitting if slide in slides] + fitting[:1]
        for picture in sorted(fitting, key=lambda slide: slide.place)[:1]:
            slides = [slide for slide in {*slides, *fitting} if slide is not picture]
            question = dataclasses.replace(question, body=picture.body, notes=question.notes + picture.notes)
    return [question, *sorted(slides, key=lambda slide: slide.place), lesson.takeaways]
