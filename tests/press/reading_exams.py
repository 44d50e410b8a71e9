"""Strict readers of Moodle XML and GIFT, written from the formats' descriptions: what they do not expect, they refuse.

Both give a list of (category, name, text, answers, solution), an answer being (share of the mark, text, tolerance, feedback).
"""

import base64
import re
import xml.etree.ElementTree as ET

IMAGE = re.compile(r'\n<p><img src="([^"]+)" alt="([^"]+)"></p>$')
FIELDS = ["name", "questiontext", "generalfeedback", "defaultgrade", "penalty", "hidden"]
CHOICE = ["single", "shuffleanswers", "answernumbering"]


def read_moodle(text):
    quiz = ET.fromstring(text.encode())
    assert quiz.tag == "quiz"
    found, category = [], None
    for element in quiz:
        assert element.tag == "question"
        kind = element.attrib["type"]
        if kind == "category":
            (only,) = element
            category = only.find("text").text
            continue
        assert kind in ("multichoice", "numerical")
        answers = element.findall("answer")
        fields = FIELDS + CHOICE * (kind == "multichoice") + ["answer"] * len(answers)
        assert [child.tag for child in element] == fields
        question = element.find("questiontext")
        assert question.attrib == {"format": "html"}
        files = question.findall("file")
        image = IMAGE.search(question.find("text").text)
        assert bool(image) == bool(files)
        if image:
            (file,) = files
            assert file.attrib == {"name": "figure.png", "path": "/", "encoding": "base64"}
            assert image[1] == "@@PLUGINFILE@@/figure.png"
            assert base64.b64decode(file.text, validate=True).startswith(b"\x89PNG\r\n")
        if kind == "multichoice":
            assert [element.find(tag).text for tag in CHOICE] == ["true", "true", "ABCD"]
        solution = element.find("generalfeedback/text").text or ""
        name = element.find("name/text").text
        found.append(
            (category, name, _without_source(question.find("text").text), [*map(_moodle_answer, answers)], solution)
        )
    return found


def _moodle_answer(answer):
    feedback, tolerance = answer.find("feedback/text"), answer.find("tolerance")
    return (
        int(answer.attrib["fraction"]),
        answer.find("text").text,
        None if tolerance is None else tolerance.text,
        "" if feedback is None else feedback.text,
    )


def _without_source(text):
    return IMAGE.sub(lambda match: f"\n[{match[2]}]", text)


def read_gift(text):
    assert text.endswith("}\n")
    found, category = [], None
    for block in re.split(r"\n\n+", text.removesuffix("\n")):
        if block.startswith("$CATEGORY: "):
            category = block.removeprefix("$CATEGORY: ")
            assert "\n" not in category
            continue
        head = re.fullmatch(r"::(?P<name>(?:[^\\:]|\\.)*)::\[html\](?P<rest>.*)", block, re.S)
        before, brace, inside = _split(head["rest"], "{")
        inside, closing, after = _split(inside, "}")
        assert (brace, closing, after) == ("{", "}", "")
        inside, _, solution = _split_at(inside, "####[html]")
        numerical = inside.startswith("#")
        answers = []
        for line in inside.removeprefix("#").strip("\n").split("\n"):
            sign, body = line[0], line[1:]
            assert sign in "=~"
            fraction = 100 if sign == "=" else 0
            if numerical:
                number, colon, tolerance = _split(body, ":")
                assert colon
                answers.append((fraction, _plain(number), _plain(tolerance), ""))
            else:
                option, sharp, feedback = _split(body.removeprefix("[html]"), "#")
                assert sharp
                answers.append((fraction, _plain(option), None, _plain(feedback)))
        text = _plain(before)
        image = IMAGE.search(text)
        if image:
            kind, _, data = image[1].partition(",")
            assert kind == "data:image/png;base64"
            assert base64.b64decode(data, validate=True).startswith(b"\x89PNG\r\n")
        found.append((category, _plain(head["name"]), _without_source(text), answers, _plain(solution.strip("\n"))))
    return found


def _split(text, mark):
    """Around the first mark that no backslash takes away."""
    match = re.match(rf"((?:[^\\{mark}]|\\.)*){re.escape(mark)}(.*)", text, re.S)
    return (match[1], mark, match[2]) if match else (text, "", "")


def _split_at(text, mark):
    before, found, after = text.partition("\n" + mark)
    return before, found, after


def _plain(text):
    """Without the escapes; a character that should have one is refused."""
    bare = re.sub(r"\\(.)", "", text)
    assert not re.search(r"[~=#{}:\\\n]", bare), bare
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)
