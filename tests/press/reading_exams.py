"""A strict reader of Moodle XML, written from the format's description: what it does not expect, it refuses.

It gives a list of (category, name, text, answers, solution), an answer being (share of the mark, text, tolerance, feedback).
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
        asked = IMAGE.sub(lambda match: f"\n[{match[2]}]", question.find("text").text)  # without its source
        found.append((category, element.find("name/text").text, asked, [*map(_moodle_answer, answers)], solution))
    return found


def _moodle_answer(answer):
    fraction, text = int(answer.attrib["fraction"]), answer.findtext("text")
    return fraction, text, answer.findtext("tolerance"), answer.findtext("feedback/text", "")
