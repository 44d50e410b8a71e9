"""Mistakes put into an answer by rule, one in each place: another operator, a number off by one, a condition turned around."""

import ast

BOTH_WAYS = {ast.Add: ast.Sub, ast.Mult: ast.Div, ast.BitAnd: ast.BitOr, ast.And: ast.Or}
BOTH_WAYS |= {ast.Lt: ast.LtE, ast.Gt: ast.GtE, ast.Eq: ast.NotEq, ast.Is: ast.IsNot}
OPERATORS = BOTH_WAYS | {wrong: right for right, wrong in BOTH_WAYS.items()}
OPERATORS |= {ast.FloorDiv: ast.Div, ast.Pow: ast.Mult, ast.In: ast.NotIn}
NAMES = {"min": "max", "max": "min", "argmin": "argmax", "mean": "sum", "ceil": "floor", "std": "var", "log10": "log"}


def mistakes(node):
    """Yield what may be wrong at this place: a field of the node, and what stands in it then."""
    kind = type(getattr(node, "op", None))
    if kind in OPERATORS:
        yield "op", OPERATORS[kind]()
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
        yield "ops", [OPERATORS[type(node.ops[0])](), *node.ops[1:]]
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "value", not node.value
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield "value", node.value + 1
    if isinstance(node, ast.If | ast.IfExp):
        yield "test", ast.UnaryOp(ast.Not(), node.test)
    if isinstance(node, ast.Return) and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield "value", None
    if isinstance(node, ast.Name | ast.Attribute):
        field = "id" if isinstance(node, ast.Name) else "attr"
        if getattr(node, field) in NAMES:
            yield field, NAMES[getattr(node, field)]


def mutants(source):
    """Yield (the line with the mistake, the source with it) for each mistake in each place."""
    right, seen = ast.unparse(ast.parse(source)), set()
    places = len(list(ast.walk(ast.parse(source))))
    for place in range(places):
        tree = ast.parse(source)
        node = list(ast.walk(tree))[place]
        for field, wrong in mistakes(node):
            kept = getattr(node, field)
            setattr(node, field, wrong)
            text = ast.unparse(tree)
            setattr(node, field, kept)
            line = next(line for line, old in zip(text.split("\n"), right.split("\n"), strict=False) if line != old)
            if text not in seen:
                seen.add(text)
                yield line.strip(), text
