import re
import runpy
from pathlib import Path

from infinite_instruct.graphs.row import build_row_graph

ROOT = Path(__file__).parents[1]


def test_the_picture_of_the_state_machine_is_the_state_machine() -> None:
    readme = (ROOT / "README.md").read_text()
    picture = re.search(r"```mermaid\n(.*?)```", readme, re.DOTALL)
    assert picture is not None
    drawn = set(re.findall(r"^\s+(\w+) -.*> (\w+)$", picture[1], re.MULTILINE))
    graph = build_row_graph().get_graph()
    assert drawn == {(edge.source, edge.target) for edge in graph.edges}


def test_links_of_the_readme_and_the_documents_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_page_of_settings_is_up_to_date() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "settings_table.py"))
    page = (ROOT / "docs" / "settings.md").read_text()
    assert page == script["table"](), "run scripts/settings_table.py"
