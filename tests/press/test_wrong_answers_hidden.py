"""Whoever hard-codes what a check asks in the open passes that part, and fails a hidden test.

Most exercises ask for functions. Their cheats are made here: the solution is recorded while the check asks in the open, and
then played back. Where this is not possible, because what the function gets or gives changes later, a cheat stands with the
wrong answers.
"""

import ast
import copy
import inspect
import re
import symtable
from collections import defaultdict

import pytest
from wrong_answers import HIDDEN, WITH_EXERCISES, answered, cells, checks, given, objection, solution, table

every_check = pytest.mark.parametrize(
    ("chapter", "check"), [(chapter, check) for chapter in WITH_EXERCISES for check in checks(chapter)]
)


class Tape:
    """A function's answers, to be played back: for known arguments theirs, in their order, and for all others the last one.

    A function among the arguments is called again with what it was called with.
    """

    def __init__(self, function):
        self.function, self.signature = function, inspect.signature(function)
        self.known = defaultdict(list)
        self.otherwise = None, []

    def arguments(self, args, kwargs):
        """The arguments by place, and as a text without addresses in memory."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return bound.args, re.sub(r" at 0x\w+", "", repr(bound.args))

    def record(self, *args, **kwargs):
        args, text = self.arguments(args, kwargs)
        calls = []

        def noted(place):
            return lambda *given: calls.append((place, copy.deepcopy(given))) or args[place](*given)

        answer = self.function(*(noted(place) if callable(arg) else arg for place, arg in enumerate(args)))
        self.otherwise = copy.deepcopy((answer, calls))
        self.known[text].append(self.otherwise)
        return answer

    def play(self, *args, **kwargs):
        args, text = self.arguments(args, kwargs)
        answers = self.known.get(text, [self.otherwise])
        answer, calls = copy.deepcopy(answers.pop(0) if len(answers) > 1 else answers[0])
        for place, told in calls:
            args[place](*told)
        return answer


def taped(chapter, check):
    """The functions of an exercise, recorded while the check asks in the open."""
    source = solution(chapter, check)
    names, (shown, _, _) = answered(chapter, check, source)
    tapes = {node.name: Tape(names[node.name]) for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    names.update({name: tape.record for name, tape in tapes.items()})
    assert objection(shown, names) is None
    return tapes


@every_check
def test_who_hard_codes_what_is_asked_in_the_open_fails_a_hidden_test(chapter, check):
    answer, by_hand, tapes, fragment = solution(chapter, check), table(chapter)[check].get("hard-coded"), {}, ""
    if by_hand:
        answer, fragment = given(answer, by_hand), by_hand["hint"]
    else:
        tapes = taped(chapter, check)
        assert tapes
    names, (shown, hidden, _) = answered(chapter, check, answer)
    names.update({name: tape.play for name, tape in tapes.items()})
    assert objection(shown, names) is None
    message = objection(hidden, names)
    assert message
    assert fragment in message
    if tapes:
        for tape in tapes.values():
            tape.otherwise = None, []  # who has no answer for other arguments, returns nothing
        with pytest.raises((AssertionError, AttributeError, TypeError)):
            exec(hidden, names)


@pytest.mark.parametrize("chapter", WITH_EXERCISES)
def test_every_check_asks_in_the_open_then_in_secret_and_then_says_that_it_is_passed(chapter):
    for cell, grade_id in cells(chapter):
        if grade_id in checks(chapter):
            shown, *hidden, last = HIDDEN.split(cell.source)
            assert len(hidden) == 1, f"{grade_id} needs one region of hidden tests"
            assert "assert " in shown, grade_id
            assert "assert " in hidden[0], grade_id
            assert last.startswith("print("), grade_id
        else:
            assert "HIDDEN TESTS" not in cell.source, grade_id


def names_in(source, wanted):
    """The global names in a cell and its functions of which this is true."""
    tables, found = [symtable.symtable(source, "<cell>", "exec")], set()
    for scope in tables:
        tables += scope.get_children()
        outermost = scope is tables[0]
        found |= {name.get_name() for name in scope.get_symbols() if wanted(name) and (outermost or name.is_global())}
    return found


@pytest.mark.parametrize("chapter", WITH_EXERCISES)
def test_no_cell_needs_a_name_that_hidden_tests_have_given(chapter):
    given = set()
    for cell, grade_id in cells(chapter):
        source = HIDDEN.sub("", cell.source)
        own = names_in(source, symtable.Symbol.is_assigned)
        assert not given & names_in(source, symtable.Symbol.is_referenced) - own, grade_id
        given = (given - own).union(
            *(names_in(hidden, symtable.Symbol.is_assigned) for hidden in HIDDEN.findall(cell.source))
        )
