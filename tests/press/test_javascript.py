"""Words of the pages' scripts: which are marked, and what is served in their place."""

import re

import pytest

from book.press.translation import catalogs, javascript
from tools.translations import of_script

SAYS = {"Next round": "다음 라운드", "Night {0} of {1}": "{1}일 밤 중 {0}일째", "one {0}": "{0} 하나, {0}"}
SAYS["{0} points"] = '`{0}`${0} \\ "점"'
ROUND = '"다음 라운드"'
NIGHT = "`${all}일 밤 중 ${n}일째`"


def say(text):
    return SAYS.get(text, text)


@pytest.mark.parametrize(
    ("script", "messages", "served"),
    [
        ('f(_("Next round"), 1)', ["Next round"], f"f({ROUND}, 1)"),
        ('f(_( "Next round" ))', ["Next round"], f"f({ROUND})"),
        ("f(_`Night ${n} of ${all}`)", ["Night {0} of {1}"], f"f({NIGHT})"),
        ("_`Next round`", ["Next round"], "`다음 라운드`"),
        ("_`one ${x}`", ["one {0}"], "`${x} 하나, ${x}`"),
        # Marks inside of places, marked or not; strings, objects, functions and comments there.
        ("`${a} ${_`Night ${n} of ${all}`}!`", ["Night {0} of {1}"], f"`${{a}} ${{{NIGHT}}}!`"),
        (
            '_`Night ${f(_("Next round"))} of ${`${_`one ${x}`}`}`',
            ["Next round", "one {0}", "Night {0} of {1}"],
            "`${`${`${x} 하나, ${x}`}`}일 밤 중 ${f(" + ROUND + ")}일째`",
        ),
        (
            "_`Night ${{ a: '}', b: \"`\" }.a} of ${(() => { return 1; })()}`",
            ["Night {0} of {1}"],
            "`${(() => { return 1; })()}일 밤 중 ${{ a: '}', b: \"`\" }.a}일째`",
        ),
        (
            "_`Night ${n /* it's the } one */} of ${all // isn't `it`?\n}`",
            ["Night {0} of {1}"],
            "`${all // isn't `it`?\n}일 밤 중 ${n /* it's the } one */}일째`",
        ),
        # What is no program: comments, strings and regular expressions.
        ("// don't: _`one ${\n_`Next round`", ["Next round"], "// don't: _`one ${\n`다음 라운드`"),
        ('/* "` _("Next round") */ _("Next round")', ["Next round"], '/* "` _("Next round") */ ' + ROUND),
        (r"""f('_("Next round")', "\"_`one`", _("Next round"))""", ["Next round"], rf"""f('_("Next round")', "\"_`one`", {ROUND})"""),
        ('"https://one" + _("Next round")', ["Next round"], f'"https://one" + {ROUND}'),
        ("x.split(/[a/`\"]|\\/'/), _`Next round`", ["Next round"], "x.split(/[a/`\"]|\\/'/), `다음 라운드`"),
        ("f(/[^/]'/g,/`/)+_`Next round`", ["Next round"], "f(/[^/]'/g,/`/)+`다음 라운드`"),
        ("() => /`/.test(x) ? _`Next round` : y", ["Next round"], "() => /`/.test(x) ? `다음 라운드` : y"),
        ('if (x) return /"{/; _("Next round")', ["Next round"], 'if (x) return /"{/; ' + ROUND),
        ('a / b + _("Next round") / (c) / 2', ["Next round"], f"a / b + {ROUND} / (c) / 2"),
        ('i++ / _("Next round") / {}.a', ["Next round"], f"i++ / {ROUND} / {{}}.a"),
        # Names that are no mark.
        ('row.map((_, i) => x._("a") + $_("b") + my_`c` + _.d)', [], 'row.map((_, i) => x._("a") + $_("b") + my_`c` + _.d)'),
        # Signs that mean something in a string or in a template.
        ("_`${n} points`", ["{0} points"], "`\\`${n}\\`\\$${n} \\\\ \"점\"`"),
        (r"_`3\u00a0% \`of\` \$ {} \\ ${n}`", ["3\u00a0% `of` $ {} \\ {0}"], "`3\u00a0% \\`of\\` $ {} \\\\ ${n}`"),
        (r'_("a \"b\" \u00a0")', ['a "b" \u00a0'], '"a \\"b\\" \u00a0"'),
    ],
)  # fmt: skip
def test_marked_words_are_served_in_the_language_and_the_program_stays(script, messages, served):
    assert of_script(script) == messages
    assert javascript.translate(script, say) == served
    assert javascript.translate(f"{{ {script}\n}}", say) == f"{{ {served}\n}}"  # all braces are seen as what they are
    assert of_script(f"`${{ {script}\n}}`") == messages


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("say(_(text))", r"_\( must hold one string in double quotes, not 'text\)\)'"),
        ("say(_('Next round'))", "one string in double quotes"),
        ('say(_("Next " + "round"))', "one string in double quotes"),
        ("say(_`Night ${n} of)", "a template literal is not closed"),
        ("say(`Night ${n of`)", "a template literal is not closed"),
        ("f() } g()", r"a brace is closed that was not opened, before ' g\(\)'"),
    ],
)
def test_a_mark_that_nobody_could_translate_is_refused(script, complaint):
    with pytest.raises(ValueError, match=complaint):
        javascript.translate(script, say)


def scripts():
    return [(path.name, path.read_text("utf-8")) for path in javascript.STATIC.rglob("*.js")]


def test_what_is_served_in_english_is_the_source_without_its_marks():
    marks = re.compile(r'(?<![\w$.])_(?:(?=`)|\(("[^"\n]*")\))')
    found = 0
    for name, text in scripts():
        served = javascript.translate(text, catalogs.gettext("en"))
        assert served == marks.sub(lambda mark: mark[1] or "", text), name
        assert not marks.search(served), name
        found += len(of_script(text))
    assert found > 200


def test_a_site_gets_its_scripts_in_its_language_once(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogs, "gettext", lambda language: {"en": str, "ko": say}[language])
    monkeypatch.setattr(javascript, "STATIC", tmp_path / "source")
    for name in ("source/devices/choose.js", "source/unused.js", "site/devices/choose.js", "site/of_the_theme.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('_("Next round")\n', encoding="utf-8")
    for served in (None, '_("Minified");_`x`'):  # whatever stands there, it is made from the source again
        if served:
            (tmp_path / "site/devices/choose.js").write_text(served, encoding="utf-8")
        javascript.write(tmp_path / "site", "ko")
        assert (tmp_path / "site/devices/choose.js").read_bytes().decode() == f"{ROUND}\n"
    assert (tmp_path / "site/of_the_theme.js").read_text(encoding="utf-8") == '_("Next round")\n'
    assert len(list((tmp_path / "site").rglob("*.js"))) == 2


# What stands in the scripts and is read by nobody, or the same in every language.
UNREAD = re.compile(
    r"^device-|^choose-|^quiz-|^\.|^summary |gp = |mean, std = |values = |x = |trials\.append|good, others|l, g = |candidates = "  # classes; a program
    r"|^ (?:m|b)illion$"  # beside 만 and 억
    r"|^(?:random search|Bayesian optimization|grid \((?:ends|centered)\))$"  # keys
    r"|^cholesky: |^http:|prefers-reduced-motion|^\(max-aspect-ratio|^svg[,.]|^translate|radialGradient|stop-opacity"
)
UNITS = re.compile(r"\b(?:km|m|Matérn|rbf|TPE|ASHA|Sobol|PI|EI|LCB)\b")
SHOWN = re.compile(
    r"""(?:\b(?:button|check|choice|slider|table)\(device,\ |\bsay\(|\b(?:label|[xy]Label|option|axis)\ ?:\ |"aria-label",\ |\btextContent\ =\ |\btext\([^"`]*,\ )
    (?:[^"`]{0,40}\?\ )? ["`]([^"`]*)""",
    re.X,
)


def unmarked(script):
    """Literals of a script that somebody reads, and that are not marked."""
    script = re.sub(r'\bunpack\("[^"]*"', "unpack(", script)  # numbers, as text
    script = javascript.translate(
        script, lambda text: "".join(re.findall(r"\{\d+\}", text))
    )  # without its marked words
    while script != (without := re.sub(r"\$\{[^{}`]*\}", "", script)):
        script = without
    shown = SHOWN.findall(script)
    literals = re.findall(r'"((?:[^"\\\n]|\\.)*)"|`([^`\n]*)`', re.sub(r"(?<!:)//.*", "", script))
    several = [a or b for a, b in literals if " " in (a or b)]
    read = [text for text in [*shown, *several] if not UNREAD.search(text)]
    return [text for text in read if re.search("[A-Za-z]{2}", UNITS.sub("", text))]


def test_all_that_a_reader_sees_is_marked():
    for name, text in scripts():
        assert unmarked(text) == [], name
