"""Templates from packs are data from outside: what a template may do is bounded before it runs.

A sandbox alone keeps a template from reaching Python, but not from looping for ever or filling the
memory. So a template may loop only over the lists that it is given, and nothing in it multiplies.
"""

from collections.abc import Iterator
from itertools import chain

from jinja2 import StrictUndefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from infinite_instruct.prompts.catalogue import LISTS
from infinite_instruct.prompts.material import as_data

MAX_NESTED_LOOPS = 2
MAX_ARGUMENT = 8
"""Characters of what `join` and `replace` put in."""
_FORBIDDEN = (
    nodes.Mul,
    nodes.Pow,
    # A format with a width is as long as it says.
    nodes.Mod,
    # A variable can be doubled line after line.
    nodes.Assign,
    nodes.AssignBlock,
    nodes.With,
    nodes.FilterBlock,
    nodes.Call,
    nodes.Macro,
    nodes.CallBlock,
    nodes.Extends,
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
)
_GROWING = ("join", "replace")
_FILTERS = ("join", "lower", "upper", "replace", "trim", "length", "first", "last", "default")


def sandbox() -> ImmutableSandboxedEnvironment:
    """An environment for prompts: strict about unknown variables, few filters, no functions."""
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Prompts are plain text for a model, never HTML.
        autoescape=False,
    )
    environment.globals.clear()
    kept = {name: environment.filters[name] for name in _FILTERS}
    environment.filters.clear()
    environment.filters.update(kept, as_data=as_data)
    return environment


def danger_in(template: nodes.Template) -> str | None:
    """What in a template could hang or grow without bound; None when it is safe to render."""
    for node in template.find_all(_FORBIDDEN):
        return f"line {node.lineno}: {type(node).__name__.lower()} has no place in a prompt"
    return next(chain(_loop_dangers(template), _filter_dangers(template)), None)


def _loop_dangers(template: nodes.Template) -> Iterator[str]:
    for loop in template.find_all(nodes.For):
        if not (isinstance(loop.iter, nodes.Name) and loop.iter.name in LISTS):
            yield f"line {loop.lineno}: a loop may only go over {', '.join(sorted(LISTS))}"
        if _nesting(loop) > MAX_NESTED_LOOPS:
            yield f"line {loop.lineno}: more than {MAX_NESTED_LOOPS} loops inside each other"


def _filter_dangers(template: nodes.Template) -> Iterator[str]:
    for found in template.find_all(nodes.Filter):
        if found.name not in _GROWING:
            continue
        given = [*found.args, *(keyword.value for keyword in found.kwargs)]
        if not all(isinstance(each, nodes.Const) and _is_short(each) for each in given):
            yield f"line {found.lineno}: {found.name} takes up to {MAX_ARGUMENT} characters"
        inside = nodes.Output([found.node]) if found.node else found
        if any(inner.name in _GROWING for inner in inside.find_all(nodes.Filter)):
            yield f"line {found.lineno}: {found.name} may not follow join or replace"


def _is_short(constant: nodes.Const) -> bool:
    return len(str(constant.value)) <= MAX_ARGUMENT


def _nesting(loop: nodes.For) -> int:
    inner = [_nesting(child) for child in loop.find_all(nodes.For)]
    return 1 + max(inner, default=0)
