"""A small code base to harvest, and campaigns over it with a scripted model."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infinite_instruct.assembly import OpenCampaign, open_campaign
from infinite_instruct.domain import Outcome
from infinite_instruct.graphs.campaign import Ending
from infinite_instruct.llm.model import ChatModel
from infinite_instruct.llm.scripted import ScriptedModel
from infinite_instruct.settings import Settings, load_settings
from scripted_author import author

CODE = """\
function cheapest(products, category) {
  let best = null;
  for (const product of products) {
    if (product.category !== category) continue;
    if (best === null || product.price < best.price) best = product;
  }
  return best;
}

function slugOf(title) {
  return title
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 0)
    .join("-");
}

class Basket {
  constructor(rate) {
    this.rate = rate;
    this.lines = new Map();
  }

  put(name, count, price) {
    const line = this.lines.get(name) ?? { count: 0, price };
    line.count += count;
    this.lines.set(name, line);
    return this.lines.size;
  }
}

function parseQuery(text) {
  const pairs = {};
  for (const part of text.replace(/^\\?/, "").split("&")) {
    const [key, value] = part.split("=", 2);
    if (key) pairs[decodeURIComponent(key)] = decodeURIComponent(value ?? "");
  }
  return pairs;
}

function monthsBetween(start, end) {
  const years = end.getFullYear() - start.getFullYear();
  let months = years * 12 + end.getMonth() - start.getMonth();
  if (end.getDate() < start.getDate()) months -= 1;
  return Math.max(0, months);
}

function* chunks(items, size) {
  if (size < 1) throw new RangeError("size must be positive");
  for (let at = 0; at < items.length; at += size) {
    yield items.slice(at, at + size);
  }
}
"""


@dataclass
class Session:
    """What one session of a campaign came to."""

    ending: Ending
    outcomes: list[Outcome]
    keywords: tuple[int, int]
    """How many are in the graph, and in the vector index."""


def make_settings(folder: Path, **changes: object) -> Settings:
    """A campaign over the shop's code, into `run`.

    Whether JavaScript's compiler is here makes no difference to it.
    """
    seeds = folder / "shop"
    seeds.mkdir(exist_ok=True)
    (seeds / "shop.js").write_text(CODE)
    plain = {
        "out": folder / "run",
        "seeds.paths": [seeds],
        "rows": 3,
        "verifier.jail": "off",
        "verifier.cache": False,
        "verifier.accept_unverifiable": True,
    }
    return load_settings(None, {**plain, **{_dotted(key): changes[key] for key in changes}})


def _dotted(key: str) -> str:
    return key.replace("__", ".")


async def run_session(
    settings: Settings,
    model: ChatModel | None = None,
    *,
    resume: bool = False,
    prepare: Callable[[OpenCampaign], None] = lambda _: None,
) -> Session:
    """Open a campaign, run it to its end, and look at what is in its store."""
    model = model or ScriptedModel(author)
    async with open_campaign(settings, resume=resume, model=model) as campaign:
        prepare(campaign)
        ending = await campaign.run()
        vocabulary = campaign.campaign.planner.vocabulary
        keywords = len(vocabulary.graph), len(vocabulary._index)
        return Session(ending, list(campaign.store.outcomes()), keywords)
