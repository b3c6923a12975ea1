"""The language server: the sample at which it ends is found, and no other pays for it."""

import sys
from pathlib import Path

import pytest

from infinite_instruct.tools.analyzers import Batching, Toolbox
from infinite_instruct.tools.analyzers.python.pyright import Pyright

_SERVER = """
import json, os, sys, time
texts = {}
def read():
    size = int(sys.stdin.buffer.readline().split(b":")[1])
    sys.stdin.buffer.readline()
    return json.loads(sys.stdin.buffer.read(size))
def send(**message):
    data = json.dumps(message).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n%b" % (len(data), data))
    sys.stdout.buffer.flush()
while True:
    message = read()
    document = message.get("params", {}).get("textDocument", {})
    if message["method"] == "textDocument/didOpen":
        texts[document["uri"]] = document["text"]
    if "id" not in message:
        continue
    send(id="one-of-its-own", method="window/something", params={})
    assert read()["result"] is None
    text = texts.get(document.get("uri"), "")
    if "die" in text: os._exit(7)
    if "sleep" in text: time.sleep(60)
    if "garbage" in text: print("garbage", flush=True); continue
    if "refuse" in text: send(id=message["id"], error={"code": 1, "message": "no"}); continue
    items = [
        {"message": word, "severity": level, "code": word,
         "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}}
        for word, level in (("undefined", 1), ("hint", 4), ("complex", 1)) if word in text
    ]
    for item in items:
        item["message"] = item["message"].replace("complex", "Code is too complex to analyze")
    send(id=message["id"], result={"kind": "full", "items": [] if "BLIND" else items})
"""


def _pyright(tmp_path: Path, *, blind: bool = False) -> Pyright:
    server = tmp_path / "server.py"
    server.write_text(_SERVER.replace('"BLIND"', str(blind)))
    box = Toolbox(batching=Batching(seconds=0), seconds=2)
    return Pyright(box, [sys.executable, "-I", str(server)])


@pytest.mark.parametrize("word", ["die", "sleep", "garbage", "refuse"])
async def test_only_the_sample_at_which_it_ends_is_not_judged(tmp_path: Path, word: str) -> None:
    pyright = _pyright(tmp_path)
    texts = ["x = 1\n", "undefined\n", f"{word}\n", "undefined\n", "x = 2\n"]
    found = await pyright.check_batch(texts)
    assert [bool(each.fault) for each in found] == [False, False, True, False, False]
    assert [len(each.diagnostics) for each in found] == [0, 1, 0, 1, 0]


async def test_hints_are_no_findings(tmp_path: Path) -> None:
    (found,) = await _pyright(tmp_path).check_batch(["hint\n"])
    assert (found.diagnostics, found.fault) == ((), "")


async def test_a_sample_that_it_gave_up_on_is_not_judged(tmp_path: Path) -> None:
    gave_up, judged = await _pyright(tmp_path).check_batch(["complex\n", "x = 1\n"])
    assert "too complex" in gave_up.fault
    assert not judged.fault


async def test_a_server_that_finds_nothing_is_not_believed(tmp_path: Path) -> None:
    found = await _pyright(tmp_path, blind=True).check_batch(["x = 1\n", "undefined\n"])
    assert {each.fault for each in found} == {"it did not report the fault that it was shown"}
