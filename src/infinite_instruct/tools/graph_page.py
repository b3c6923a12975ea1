"""The knowledge graph as one HTML page that opens from the disk and loads nothing.

sigma and graphology (MIT; licences beside them in data/page) are inlined; a content security policy
allows just these scripts and styles, by their hashes. Texts of the graph are JSON data, never
markup.
"""

import base64
import hashlib
import json
from importlib.resources import files

from infinite_instruct.tools.graph_page_data import ProblemOf, page_data
from infinite_instruct.tools.graph_view import GraphView, view_of
from infinite_instruct.tools.knowledge import KnowledgeGraph

_SCRIPTS = ("graphology.umd.min.js", "sigma.min.js", "page.js")


def render_page(
    graph: KnowledgeGraph,
    view: GraphView | None = None,
    problem_of: ProblemOf = lambda _row: "",
) -> str:
    """The page as HTML, the same for the same graph.

    Args:
        graph: Read, not changed.
        view: What of it is shown, where that is known already.
        problem_of: Gives the problem of a row, to be told beside its keywords.
    """
    scripts = [_asset(name) for name in _SCRIPTS]
    style = _asset("page.css")
    # No other "<" may stand in a script: it could end it, or open a comment.
    data = json.dumps(
        page_data(graph, view or view_of(graph), problem_of),
        ensure_ascii=True,
        separators=(",", ":"),
    )
    parts = {
        "{{csp}}": _policy(scripts, style),
        "{{style}}": style,
        "{{scripts}}": "\n".join(f"<script>{script}</script>" for script in scripts),
        "{{data}}": data.replace("<", "\\u003c"),
    }
    page = _asset("page.html")
    for mark, value in parts.items():
        page = page.replace(mark, value, 1)
    return page


def _asset(name: str) -> str:
    path = files("infinite_instruct.tools") / "data" / "page" / name
    return path.read_text("utf-8").strip()


def _policy(scripts: list[str], style: str) -> str:
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"
