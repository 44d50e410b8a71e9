"""The teacher's pages: sums that add up, cuts that leave no gap, and a plan for every lesson."""

import html
import re

import pytest

from book.press import course
from book.press.address import ROOT
from book.press.pages import schedule

COURSE = course.read(ROOT)
NUMBERED = COURSE.pages
LESSONS = [name for name in NUMBERED if name[0] != "E"]
SOURCES = [*ROOT.glob("book/teacher*.md"), *ROOT.glob("book/lesson_plans*.md")]
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in SOURCES}
PLANS = {name: text for name, text in sorted(PAGES.items()) if name.startswith("lesson_plans_")}
SCHEDULE = PAGES["teacher_schedule"]
SECTIONS = dict(re.findall(r"^## (\d\.\w+) .+\n((?:(?!^## ).*\n)*)", "".join(PLANS.values()), re.M))
CUTS = schedule.cuts(ROOT)
every_cut = pytest.mark.parametrize("name", CUTS)
every_lesson = pytest.mark.parametrize("number", LESSONS)


def written(path):
    """A page's minutes, read without the code under test."""
    return int(re.search(r"^\*\*Minutes:\*\* (\d+)$", path.read_text(encoding="utf-8"), re.M)[1])


def taken(name):
    return [one for session in CUTS[name].sessions for one in session.lessons]


def rows(table):
    """The cells of a Markdown table's rows, without stars and links."""
    plain = re.sub(r"\]\([^)]*\)|\*\*|\[", "", table)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in plain.split("\n") if line[:1] == "|"][2:]


def test_the_totals_are_sums_over_the_lessons():
    table = rows(schedule.totals(COURSE))
    for chapter, n, minutes, in_class, home in table[:-1]:
        (folder,) = ROOT.glob(f"chapters/0{chapter}_*")
        paths = sorted(folder.glob("[0-9]*.md"))
        told = [len(paths), sum(map(written, paths)), written(folder / "exercises.md")]
        assert [int(n), int(minutes), int(home)] == told
        hours, rest = re.fullmatch(r"(\d+) h (\d\d)", in_class).groups()
        assert 0 <= int(hours) * 60 + int(rest) - 1.5 * int(minutes) < 5
    for column in (1, 2, 4):
        assert int(table[-1][column]) == sum(int(row[column]) for row in table[:-1])
    assert int(table[-1][1]) == len(LESSONS) == len(list(ROOT.glob("chapters/*/[0-9]*.md")))


@every_cut
def test_the_minutes_of_a_cut_are_sums(name):
    *table, last = rows(schedule.cut(COURSE, name))
    plan = CUTS[name]
    assert len(table) == len(plan.sessions)
    minutes, clock, at_home = 0, 0, 0
    for session, row in zip(plan.sessions, table, strict=True):
        told = sum(written(NUMBERED[one].path) for one in session.lessons)
        home = sum(written(NUMBERED[one].path) for one in session.home)
        assert row[0] == session.when
        assert re.findall(r"\b\d\.\d+b?\b", row[1]) == list(session.lessons)
        assert int(row[2]) == told
        assert 0 <= int(row[3]) - 1.5 * told < 5
        assert sum(map(int, re.findall(r", (\d+) min", row[4]))) == home
        assert int(row[3]) <= plan.limit
        minutes, clock, at_home = minutes + told, clock + int(row[3]), at_home + home
    hours = f"{clock // 60} h {clock % 60:02}"
    assert last[1:] == [f"{len(taken(name))} lessons", str(minutes), hours, f"{at_home} min"]


@every_cut
def test_a_cut_leaves_no_gap(name):
    plan, before = CUTS[name], []
    needed = schedule.needs(COURSE)
    for one in taken(name):
        missing = [other for other in needed[one] if other not in before and other not in plan.told]
        assert not missing, f"{one} needs {missing}"
        assert one not in before
        before.append(one)
    wanted = {other for one in before for other in needed[one]} - set(before)
    assert set(plan.told) == wanted, "tell what is needed and left out, and nothing else"
    text = schedule.cut(COURSE, name)
    left_out = re.search(r"Left out: ([^A-Z]*)\.", text)
    assert sorted(before + (left_out[1].split(", ") if left_out else [])) == sorted(LESSONS)
    assert all(f"- **{one}** {sentence}" in text for one, sentence in plan.told.items())


def test_the_cuts_are_as_long_as_the_guide_says():
    assert sum(schedule.in_class(COURSE, session.lessons) for session in CUTS["one day"].sessions) <= 6 * 60
    assert "In six hours" in SCHEDULE
    assert (len(CUTS["four weeks"].sessions), CUTS["four weeks"].limit) == (4, 240)
    assert "Two meetings a week, of two hours each" in SCHEDULE
    assert (len(CUTS["one term"].sessions), CUTS["one term"].limit) == (18, 120)
    assert "Eighteen weeks, two hours each: all lessons" in SCHEDULE
    assert sorted(taken("one term")) == sorted(LESSONS)


def test_what_a_lesson_needs_is_what_its_prerequisites_link_to():
    needed = schedule.needs(COURSE)
    assert needed["2.4"] == ["2.1", "2.3"]
    assert needed["3.3"] == ["3.2", "2.4"], "its prerequisites go on in a second line"
    assert needed["5.3"] == [], "it says that lesson 5.1 is not needed"
    table = {row[0].split()[0]: row for row in rows(schedule.table_of_needs(COURSE))}
    assert list(table) == LESSONS
    for one in LESSONS:
        assert table[one][1] == str(written(NUMBERED[one].path))
        assert table[one][2] == (", ".join(needed[one]) or "–")
        assert table[one][3] == (", ".join(other for other in LESSONS if one in needed[other]) or "–")


@pytest.mark.parametrize("page", PAGES)
def test_every_mark_is_filled_and_every_link_leads_somewhere(page):
    shown = schedule.filled(PAGES[page], ROOT)
    assert "<!-- " not in shown
    links = re.findall(r"\]\(([^):]+\.(?:ipynb|md))\)", shown)
    lessons = len(re.findall("^## ", shown, re.M)) if page in PLANS else 0
    assert len(links) >= {"teacher_schedule": 80, "teacher": 4}.get(page, lessons)
    assert not [link for link in links if not (ROOT / "book" / link).exists()]
    assert not [link for link in links if "/../" in link]
    assert not re.search(r"\b(simply|just|easily|obviously)\b", shown)


def test_every_lesson_has_its_plan_in_order():
    for chapter in COURSE.chapters:
        titles = re.findall(r"^## (.+)$", PLANS[f"lesson_plans_{chapter.number}"], re.M)
        assert titles == [f"{lesson.number} {lesson.title}" for lesson in chapter.lessons]
    assert len(PLANS) == len(COURSE.chapters)
    assert list(COURSE.plans) == LESSONS


def test_the_pages_for_teachers_are_in_the_table_of_contents():
    front = (ROOT / "book" / "index.md").read_text(encoding="utf-8")
    assert {"teacher", "lesson_plans"} <= set(front.splitlines())
    assert {name for name in PAGES if name.startswith("teacher_")} <= set(PAGES["teacher"].splitlines())
    assert "\n:glob:\n\nlesson_plans_*\n" in PAGES["lesson_plans"]


def test_a_plan_begins_with_the_minutes_and_the_objectives_of_its_lesson():
    facts, objectives = schedule.opening(COURSE, "2.4").split("\n\n")
    assert facts == schedule.facts(COURSE, "2.4")
    first, *_, last = COURSE.lesson("2.4").objectives
    assert objectives.startswith(f"The reader learns to {first}")
    assert objectives.endswith(f"{last.rstrip('.;')}.")


@every_lesson
def test_a_plan_has_all_its_parts(number):
    section = SECTIONS[number]
    assert section.startswith(f"\n<!-- lesson {number} -->\n")
    assert re.search(r"^- \*\*They say:\*\* \"", section, re.M)
    board = re.search(r"^\*\*Board\*\*\n\n((?:- .+\n|  .+\n)+)", section, re.M)[1]
    assert 3 <= len(re.findall(r"^- ", board, re.M)) <= 5
    assert re.findall(r"^(\d)\. .+", section.partition("**Ask**")[2], re.M) == ["1", "2"]
    assert re.search(r"^\*\*Open:\*\* .+", section, re.M)
    assert f"**{written(NUMBERED[number].path)} minutes**" in schedule.facts(COURSE, number)


@every_lesson
def test_a_plan_opens_the_devices_of_its_lesson(number):
    own = re.findall(r"^:class: device (\w+)", NUMBERED[number].path.read_text(encoding="utf-8"), re.M)
    opened = set()
    for address in map(html.unescape, re.findall(r'<a href="([^"]+)">', SECTIONS[number])):
        page, _, fragment = address.partition("#")
        device, _, state = fragment.partition(":")
        source = (ROOT / "book" / page).with_suffix(".md").resolve()
        assert re.search(rf"^:class: device {device}\b", source.read_text(encoding="utf-8"), re.M)
        code = (ROOT / "book/press/static/devices" / f"{device}.js").read_text(encoding="utf-8")
        start = re.search(r"^export const start = \{(.*?)\};", code, re.M | re.S)[1]
        for pair in state.split("&"):
            assert re.search(rf"\b{pair.partition('=')[0]}: ", start), f"{device} has no state {pair}"
        if source == NUMBERED[number].path.resolve():
            opened.add(device)
    assert opened == set(own)
    assert ("no device" in SECTIONS[number]) == (not own)


def test_the_beats_of_a_class_fill_its_minutes():
    chapters = re.split(r"^## Chapter ", PAGES["teacher_classes"], flags=re.M)[1:]
    assert [one[0] for one in chapters] == [str(chapter.number) for chapter in COURSE.chapters]
    for one in chapters:
        header, *beats = re.findall(r"^\| (\d+) \| (\d+) \| (.+) \|$", one, re.M)
        assert header[:2] == ("90", "45")
        assert tuple(sum(int(beat[column]) for beat in beats) for column in (0, 1)) == (90, 45)
        assert all(int(long) >= int(short) for long, short, _ in beats)
        assert all(all(cell.strip() for cell in text.split(" | ")) and text.count(" | ") == 2 for *_, text in beats)
        assert "\nLeave out " in one
