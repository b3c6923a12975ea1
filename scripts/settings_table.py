"""Write docs/settings.md from the settings themselves: `python scripts/settings_table.py`."""

from pathlib import Path

from infinite_instruct.settings import all_settings

HEAD = """# Settings

Every setting is a key of a TOML file (`--config FILE.toml`), an environment variable
(`INFINITE_INSTRUCT_` and the key in capitals, `__` for the dot: `INFINITE_INSTRUCT_MODEL__NAME`;
lists and tables as JSON), and most are options of `infinite-instruct run`. The command line wins
over the environment, the environment over the file. A run folder keeps the settings that it was
made with in `campaign.toml`; a resume refuses others that would change what rows mean.

```toml
rows = 500
pack = "sql-analytics"

[seeds]
paths = ["queries/", "more.jsonl"]
licenses = ["MIT", "Apache-2.0"]

[model]
base_url = "http://localhost:8000/v1"
name = "Qwen/Qwen2.5-Coder-32B-Instruct"

[[model.endpoints]]           # one more machine that serves it
base_url = "http://gpu2:8000/v1"
concurrency = 64

[models.solver]               # another model for one role
base_url = "https://api.openai.com/v1"
name = "gpt-4o"
api_key_env = "OPENAI_API_KEY"

[prices."gpt-4o"]             # US dollars per million tokens
input = 2.5
output = 10.0

[budget]
usd = 20.0
```

| key | default | meaning |
|---|---|---|
"""


def table() -> str:
    """The page, as it should be."""
    rows = (
        f"| `{setting.key}` | {_shown(setting.default)} | {' '.join(setting.meaning.split())} |"
        for setting in all_settings()
    )
    return HEAD + "\n".join(rows) + "\n"


def _shown(default: object) -> str:
    if isinstance(default, tuple):
        return f"`{list(default)}`"
    return "" if str(default) in {"None", "", "{}"} else f"`{default}`"


if __name__ == "__main__":
    (Path(__file__).parents[1] / "docs" / "settings.md").write_text(table(), encoding="utf-8")
