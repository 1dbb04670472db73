"""What a mutant may change: an operator takes a node of the code and yields what to put there.

Most do what those of mutmut and cosmic-ray do; some are made for what learners of these lessons
write: an `await`, an element of a list of settings, a method of a consumer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import libcst as cst

#: What to put in a node's place. FlattenSentinel and RemovalSentinel are libcst's own ways.
Replacement: TypeAlias = cst.CSTNode | cst.RemovalSentinel


@dataclass(frozen=True)
class Place:
    """Where a node stands: the nodes around it, the module first.

    `leaves_alone` tells whether a node at some place is not to be mutated, with all that is in it.
    """

    around: tuple[cst.CSTNode, ...]
    leaves_alone: "Callable[[cst.CSTNode, Place], bool]"

    @property
    def parent(self) -> cst.CSTNode:
        """The node that this one is a part of."""
        return self.around[-1]

    def within(self, node: cst.CSTNode) -> "Place":
        """Return the place of what is in `node`, which stands here."""
        return Place((*self.around, node), self.leaves_alone)

    @property
    def in_function(self) -> bool:
        """Whether this is code of a function; that of a class or a module runs at the import."""
        inner = (n for n in reversed(self.around) if isinstance(n, cst.FunctionDef | cst.ClassDef))
        return isinstance(next(inner, None), cst.FunctionDef)

    @property
    def definition(self) -> str:
        """The classes and functions around it, as `Consumer.connect`; "" at the top of a module."""
        names = [n.name.value for n in self.around if isinstance(n, cst.FunctionDef | cst.ClassDef)]
        return ".".join(names)


Operator: TypeAlias = Callable[[Any, Place], Iterator[Replacement]]

_OPERATORS: list[tuple[tuple[type[cst.CSTNode], ...], Operator]] = []


def operators_for(node: cst.CSTNode) -> list[Operator]:
    """Return the operators that may change a node of its kind."""
    return [operator for kinds, operator in _OPERATORS if isinstance(node, kinds)]


def _on(*kinds: type[cst.CSTNode]) -> Callable[[Operator], Operator]:
    def add(operator: Operator) -> Operator:
        _OPERATORS.append((kinds, operator))
        return operator

    return add


def _without(parts: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield `parts` without one of them, for each. Whatever comes last is set off as the last was."""
    for left_out in range(len(parts)):
        rest = [part for index, part in enumerate(parts) if index != left_out]
        if rest and left_out == len(parts) - 1:
            rest[-1] = rest[-1].with_changes(comma=parts[-1].comma)
        yield rest


# ---- Statements.

_DELETABLE = (
    cst.Expr,
    cst.AugAssign,
    cst.Assign,
    cst.AnnAssign,
    cst.Raise,
    cst.Assert,
    cst.Del,
    cst.Break,
    cst.Continue,
)


@_on(*_DELETABLE, cst.Return)
def statement_deleted(node: cst.BaseSmallStatement, place: Place) -> Iterator[Replacement]:
    if isinstance(node, cst.Return) and node.value is not None:
        return  # see `returns_nothing`
    if isinstance(node, cst.Expr) and isinstance(node.value, cst.Ellipsis):
        return
    if isinstance(node, cst.AnnAssign) and node.value is None:
        return
    if place.in_function and _binds_a_local_name(node):
        return  # whoever reads it would fail by the missing name alone; see `nothing_assigned`
    yield cst.Pass()


def _binds_a_local_name(node: cst.BaseSmallStatement) -> bool:
    if isinstance(node, cst.AnnAssign):
        return isinstance(node.target, cst.Name)
    if isinstance(node, cst.Assign):
        return all(isinstance(target.target, cst.Name | cst.Tuple) for target in node.targets)
    return False


@_on(cst.Assign)
def nothing_assigned(node: cst.Assign, place: Place) -> Iterator[Replacement]:
    if place.in_function and not _is_constant(node.value):
        yield node.with_changes(value=cst.Name("None"))


@_on(cst.Return)
def returns_nothing(node: cst.Return, _place: Place) -> Iterator[Replacement]:
    # False is as good as nothing for most; `constant_replaced` makes True of it.
    if node.value is not None and not _is_name(node.value, "None", "False"):
        yield node.with_changes(value=cst.Name("None"))


@_on(cst.Break, cst.Continue)
def loop_left_or_gone_on(node: cst.Break | cst.Continue, _place: Place) -> Iterator[Replacement]:
    yield cst.Continue() if isinstance(node, cst.Break) else cst.Break()


@_on(cst.For)
def loop_never_run(node: cst.For, _place: Place) -> Iterator[Replacement]:
    yield cst.While(cst.Name("False"), node.body, node.orelse, node.leading_lines)


@_on(cst.With)
def context_not_entered(node: cst.With, _place: Place) -> Iterator[Replacement]:
    yield cst.If(cst.Name("True"), node.body, leading_lines=node.leading_lines)


@_on(cst.FunctionDef)
def method_renamed(node: cst.FunctionDef, place: Place) -> Iterator[Replacement]:
    # Of a function of the module nobody could import the name: every such mutant fails at once.
    if len(place.around) > 1 and isinstance(place.around[-2], cst.ClassDef):
        yield node.with_changes(name=cst.Name(f"{node.name.value}_"))


@_on(cst.Decorator)
def decorator_removed(_node: cst.Decorator, _place: Place) -> Iterator[Replacement]:
    yield cst.RemoveFromParent()


@_on(cst.ClassDef)
def base_class_dropped(node: cst.ClassDef, _place: Place) -> Iterator[Replacement]:
    if len(node.bases) > 1:
        for rest in _without(node.bases):
            yield node.with_changes(bases=rest)


# ---- Conditions.


@_on(cst.If, cst.IfExp, cst.CompIf, cst.Assert)
def condition_fixed_or_negated(node: Any, _place: Place) -> Iterator[Replacement]:
    for value in ("True", "False"):
        yield node.with_changes(test=cst.Name(value))
    if not _has_a_negation_of_its_own(node.test):
        yield node.with_changes(test=_negated(node.test))


@_on(cst.While)
def loop_condition_false(node: cst.While, _place: Place) -> Iterator[Replacement]:
    yield node.with_changes(test=cst.Name("False"))


def _has_a_negation_of_its_own(test: cst.BaseExpression) -> bool:
    """Return whether `comparison_replaced` or `not_removed` negates it."""
    if isinstance(test, cst.Comparison):
        return len(test.comparisons) == 1
    return isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not)


def _negated(test: cst.BaseExpression) -> cst.BaseExpression:
    inside = test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.UnaryOperation(cst.Not(), inside)


@_on(cst.UnaryOperation)
def not_removed(node: cst.UnaryOperation, _place: Place) -> Iterator[Replacement]:
    if isinstance(node.operator, cst.Not):
        yield node.expression


@_on(cst.BooleanOperation)
def boolean_operator_changed(node: cst.BooleanOperation, _place: Place) -> Iterator[Replacement]:
    other = cst.Or() if isinstance(node.operator, cst.And) else cst.And()
    yield node.with_changes(operator=other)
    yield node.left
    yield node.right


_COMPARISONS: dict[type[cst.BaseCompOp], list[type[cst.BaseCompOp]]] = {
    cst.LessThan: [cst.LessThanEqual, cst.GreaterThanEqual],
    cst.LessThanEqual: [cst.LessThan, cst.GreaterThan],
    cst.GreaterThan: [cst.GreaterThanEqual, cst.LessThanEqual],
    cst.GreaterThanEqual: [cst.GreaterThan, cst.LessThan],
    cst.Equal: [cst.NotEqual],
    cst.NotEqual: [cst.Equal],
    cst.Is: [cst.IsNot],
    cst.IsNot: [cst.Is],
    cst.In: [cst.NotIn],
    cst.NotIn: [cst.In],
}


@_on(cst.ComparisonTarget)
def comparison_replaced(node: cst.ComparisonTarget, _place: Place) -> Iterator[Replacement]:
    for other in _COMPARISONS[type(node.operator)]:
        yield node.with_changes(operator=other())


@_on(cst.IfExp)
def choice_made(node: cst.IfExp, _place: Place) -> Iterator[Replacement]:
    # As `condition_fixed_or_negated`, whose two mutants are then left out as the same.
    yield node.body
    yield node.orelse


# ---- Exceptions.


@_on(cst.ExceptHandler)
def handler_widened_or_removed(node: cst.ExceptHandler, _place: Place) -> Iterator[Replacement]:
    yield node.with_changes(type=cst.Tuple([]), whitespace_after_except=cst.SimpleWhitespace(" "))
    if node.type is not None and not _is_name(node.type, "Exception", "BaseException"):
        yield node.with_changes(type=cst.Name("Exception"))


@_on(cst.Raise)
def another_exception_raised(node: cst.Raise, _place: Place) -> Iterator[Replacement]:
    if node.exc is None or _is_name(node.exc, "Exception"):
        return
    other: cst.BaseExpression = cst.Name("Exception")
    if isinstance(node.exc, cst.Call):
        other = node.exc.with_changes(func=other)
    yield node.with_changes(exc=other)


# ---- Calls.


@_on(cst.Await)
def await_removed(node: cst.Await, _place: Place) -> Iterator[Replacement]:
    yield node.expression


@_on(cst.Call)
def argument_dropped(node: cst.Call, place: Place) -> Iterator[Replacement]:
    for argument, rest in zip(node.args, _without(node.args), strict=True):
        if not place.leaves_alone(argument, place.within(node)):
            yield node.with_changes(args=rest)


@_on(cst.Call)
def arguments_swapped(node: cst.Call, _place: Place) -> Iterator[Replacement]:
    for index, (one, other) in enumerate(zip(node.args, node.args[1:], strict=False)):
        if not any(arg.keyword or arg.star for arg in (one, other)):
            pair = [one.with_changes(value=other.value), other.with_changes(value=one.value)]
            yield node.with_changes(args=[*node.args[:index], *pair, *node.args[index + 2 :]])


@_on(cst.Call)
def call_left_out(node: cst.Call, place: Place) -> Iterator[Replacement]:
    """Leave out a call that makes one value of another: `text.strip()`, `str(number)`."""
    if isinstance(place.parent, cst.Await | cst.Expr | cst.Decorator):
        return
    if isinstance(node.func, cst.Attribute):
        if not _is_name(node.func.value, "self", "cls") and not _is_super(node.func.value):
            yield node.func.value
    elif len(node.args) == 1 and not node.args[0].star and not node.args[0].keyword:
        yield node.args[0].value


def _is_super(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and _is_name(node.func, "super")


#: What is taken for something else, or is its opposite; both ways.
_MISTAKEN = [
    *[("strip", "lstrip"), ("strip", "rstrip"), ("lower", "upper"), ("lower", "casefold")],
    *[("startswith", "endswith"), ("removeprefix", "removesuffix"), ("split", "rsplit")],
    *[("partition", "rpartition"), ("find", "rfind"), ("isspace", "isalpha")],
    *[("isalnum", "isalpha"), ("isdigit", "isdecimal"), ("isascii", "isprintable")],
    *[("add", "discard"), ("append", "remove"), ("pop", "get"), ("min", "max"), ("any", "all")],
    *[("GET", "POST"), ("filter", "exclude"), ("first", "last"), ("afirst", "alast")],
    *[("create", "get_or_create"), ("acreate", "aget_or_create")],
    *[("group_add", "group_discard"), ("accept", "close"), ("group_send", "send")],
    *[("incr", "decr"), ("zadd", "zrem"), ("sadd", "srem"), ("hset", "hdel")],
]
_OTHERS: dict[str, list[str]] = {}
for _one, _other in _MISTAKEN:
    _OTHERS.setdefault(_one, []).append(_other)
    _OTHERS.setdefault(_other, []).append(_one)


@_on(cst.Attribute)
def method_mistaken(node: cst.Attribute, place: Place) -> Iterator[Replacement]:
    if node.attr.value == "strip" and isinstance(place.around[-2], cst.UnaryOperation):
        return  # whether anything is left is the same on either side
    for other in _OTHERS.get(node.attr.value, []):
        yield node.with_changes(attr=cst.Name(other))


@_on(cst.Call)
def function_mistaken(node: cst.Call, _place: Place) -> Iterator[Replacement]:
    if isinstance(node.func, cst.Name):
        for other in _OTHERS.get(node.func.value, []):
            yield node.with_changes(func=cst.Name(other))


# ---- Values.


@_on(cst.Integer, cst.Float)
def number_off_by_one(node: cst.Integer | cst.Float, _place: Place) -> Iterator[Replacement]:
    for change in (1, -1):
        number = cst.parse_expression(repr(node.evaluated_value + change))
        # Below zero it is an operation, which something beside it could take apart.
        is_negative = isinstance(number, cst.UnaryOperation)
        yield _parenthesized(number) if is_negative else number


@_on(cst.Name)
def constant_replaced(node: cst.Name, _place: Place) -> Iterator[Replacement]:
    replaced = {"True": "False", "False": "True", "None": "True"}.get(node.value)
    if replaced:
        yield node.with_changes(value=replaced)


@_on(cst.SimpleString)
def text_changed(node: cst.SimpleString, _place: Place) -> Iterator[Replacement]:
    if not is_prose(node.raw_value):
        yield node.with_changes(value=f"{node.prefix}{node.quote}{node.raw_value}_{node.quote}")


@_on(cst.SimpleString)
def text_emptied(node: cst.SimpleString, place: Place) -> Iterator[Replacement]:
    is_key = isinstance(place.parent, cst.DictElement) and place.parent.key is node
    if node.raw_value and not is_key and not isinstance(place.parent, cst.Index):
        yield node.with_changes(value=f"{node.prefix}{node.quote}{node.quote}")


@_on(cst.FormattedString)
def part_of_text_dropped(node: cst.FormattedString, _place: Place) -> Iterator[Replacement]:
    yield node.with_changes(parts=[])
    texts = [part.value for part in node.parts if isinstance(part, cst.FormattedStringText)]
    if not is_prose("".join(texts)):
        for index in range(len(node.parts)):
            yield node.with_changes(parts=[*node.parts[:index], *node.parts[index + 1 :]])


def is_prose(text: str) -> bool:
    """Return whether a text is for people: which words they read is nobody's business."""
    words = text.split()
    return len(words) > 1 and sum(word.strip(".,:;!?…").isalpha() for word in words) > 1


@_on(cst.List, cst.Set, cst.Dict, cst.Tuple)
def element_dropped(node: Any, place: Place) -> Iterator[Replacement]:
    if isinstance(place.parent, cst.AssignTarget | cst.For | cst.CompFor):
        return  # it names what it is unpacked into
    for rest in _without(node.elements):
        if isinstance(node, cst.Tuple) and len(rest) == 1:
            rest = [rest[0].with_changes(comma=cst.Comma())]
        if isinstance(node, cst.Set) and not rest:
            continue
        yield node.with_changes(elements=rest)


@_on(cst.BinaryOperation)
def operand_left_out(node: cst.BinaryOperation, _place: Place) -> Iterator[Replacement]:
    yield node.left
    yield node.right


_ARITHMETIC: dict[type[cst.CSTNode], type[cst.CSTNode]] = {
    cst.Add: cst.Subtract,
    cst.Subtract: cst.Add,
    cst.Multiply: cst.Divide,
    cst.Divide: cst.Multiply,
    cst.FloorDivide: cst.Multiply,
    cst.Modulo: cst.Multiply,
    cst.BitAnd: cst.BitOr,
    cst.BitOr: cst.BitAnd,
    cst.AddAssign: cst.SubtractAssign,
    cst.SubtractAssign: cst.AddAssign,
    cst.BitAndAssign: cst.BitOrAssign,
    cst.BitOrAssign: cst.BitAndAssign,
}


@_on(cst.BinaryOperation, cst.AugAssign)
def arithmetic_changed(node: Any, _place: Place) -> Iterator[Replacement]:
    other = _ARITHMETIC.get(type(node.operator))
    if other is not None:
        yield node.with_changes(operator=other())


@_on(cst.AugAssign)
def plainly_assigned(node: cst.AugAssign, _place: Place) -> Iterator[Replacement]:
    yield cst.Assign([cst.AssignTarget(node.target)], node.value)


@_on(cst.Slice)
def bound_dropped(node: cst.Slice, _place: Place) -> Iterator[Replacement]:
    for bound in ("lower", "upper"):
        if getattr(node, bound) is not None:
            yield node.with_changes(**{bound: None})


def _is_name(node: cst.CSTNode, *names: str) -> bool:
    return isinstance(node, cst.Name) and node.value in names


def _is_constant(node: cst.BaseExpression) -> bool:
    is_text_or_number = isinstance(node, cst.SimpleString | cst.Integer | cst.Float)
    return is_text_or_number or _is_name(node, "True", "False", "None")


def _parenthesized(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
