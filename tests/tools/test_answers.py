"""Replies become code, or the reason why not."""

import pytest

from infinite_instruct.domain import Language
from infinite_instruct.tools.answers import ExtractedCode, Fault, code_blocks, extract_code

PYTHON = Language.PYTHON


def _fenced(*codes: str, tag: str = "python") -> str:
    return "Words.\n" + "\n".join(f"```{tag}\n{code}\n```\nMore." for code in codes)


@pytest.mark.parametrize(
    ("reply", "code", "first_line"),
    [
        pytest.param(_fenced("x = 1"), "x = 1\n", 3, id="one"),
        pytest.param(_fenced("x = 1", tag=""), "x = 1\n", 3, id="untagged"),
        pytest.param(_fenced("x = 1", tag="Py"), "x = 1\n", 3, id="another-name-of-the-tag"),
        pytest.param("~~~python\nx = 1\n~~~", "x = 1\n", 2, id="tildes"),
        pytest.param("````python\n```\nx = 1\n````", "```\nx = 1\n", 2, id="longer-fence"),
        pytest.param("```python\r\nx = 1\r\n```\r\n", "x = 1\n", 2, id="windows-lines"),
        pytest.param(
            "```bash\npip install x\n```\n```python\ny = 2\n```", "y = 2\n", 5, id="other-tags"
        ),
        pytest.param(
            _fenced("def f():\n    return 1", "print(f())"),
            "def f():\n    return 1\n\nprint(f())\n",
            3,
            id="parts-are-joined",
        ),
        pytest.param(
            "```python\nx = '''\n```python\n'''\n```", "x = '''\n```python\n'''\n", 2, id="in"
        ),
    ],
)
def test_code_is_found(reply: str, code: str, first_line: int) -> None:
    found = extract_code(reply, PYTHON)
    assert isinstance(found, ExtractedCode)
    assert (found.code, found.first_line) == (code, first_line)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        pytest.param("Only words.", "no-code-block", id="prose"),
        pytest.param("```python\n\n```", "no-code-block", id="empty-block"),
        pytest.param("```python\nx = 1", "unclosed-fence", id="cut"),
        pytest.param("```java\nint x;\n```", "wrong-language", id="java"),
        pytest.param(
            _fenced("def f():\n    return 1", "def f():\n    return 2"),
            "several-alternatives",
            id="two-versions",
        ),
        pytest.param(_fenced(*["x = 1"] * 60), "several-alternatives", id="flood"),
    ],
)
def test_no_code_has_its_reason(reply: str, code: str) -> None:
    found = extract_code(reply, PYTHON)
    assert isinstance(found, Fault)
    assert found.code == code


def test_a_reply_of_fences_only_is_read_in_one_pass() -> None:
    assert len(code_blocks("```\n" * 100_000)) == 50_000
    assert code_blocks("`" * 200_000) == code_blocks("`" * 200_000)
