"""Templates from packs are data from outside: what a template may do is bounded before it runs.

A sandbox alone keeps a template from reaching Python, but not from looping for ever or filling the
memory. So a template may loop only over variables that it is given, and may not multiply.
"""

from jinja2 import StrictUndefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from infinite_instruct.prompts.material import as_data

MAX_NESTED_LOOPS = 2
_FORBIDDEN = (
    nodes.Mul,
    nodes.Pow,
    nodes.Call,
    nodes.Macro,
    nodes.CallBlock,
    nodes.Extends,
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
)
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
    for loop in template.find_all(nodes.For):
        if not isinstance(loop.iter, nodes.Name | nodes.Getattr):
            return f"line {loop.lineno}: a loop may only go over a variable"
        if _nesting(loop) > MAX_NESTED_LOOPS:
            return f"line {loop.lineno}: more than {MAX_NESTED_LOOPS} loops inside each other"
    return None


def _nesting(loop: nodes.For) -> int:
    inner = [_nesting(child) for child in loop.find_all(nodes.For)]
    return 1 + max(inner, default=0)
