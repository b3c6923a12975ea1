"""How an endpoint wants to be spoken to: the common form first, then what its refusals teach."""

import json
import re
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from infinite_instruct.events import Emit, Noticed
from infinite_instruct.llm.model import ChatRequest

SchemaNote = Callable[[str], str]
"""Renders a JSON schema into a turn of the prompt, for endpoints that take no schema."""


def bare_schema_note(schema: str) -> str:
    """The schema and nothing else; packs have better words."""
    return f"JSON schema: {schema}"


class SchemaForm(IntEnum):
    """How a schema is handed over, the surest form first."""

    STRICT = 0
    LENIENT = 1
    """A schema that strict decoding refuses, as OpenAI does some keywords."""
    JSON_MODE = 2
    """The schema stands in the prompt; the endpoint only promises JSON."""
    PROMPT = 3
    """The schema stands in the prompt; nothing is promised."""


_UNSUPPORTED = re.compile(
    r"support|unknown|unrecogni[sz]ed|unexpected|permitted|allowed", re.IGNORECASE
)
_OF_SCHEMA = re.compile(r"response_format|schema|grammar|strict|structured|json", re.IGNORECASE)


class Dialect:
    """What one endpoint takes, learnt from its refusals (HTTP 400 and 422).

    Args:
        endpoint: How to name it to the user.
        emit: Hears, once each, of what had to be left out.
        schema_note: Renders the schema for the prompt.
    """

    def __init__(self, endpoint: str, emit: Emit, schema_note: SchemaNote) -> None:
        self._endpoint = endpoint
        self._emit = emit
        self._schema_note = schema_note
        self._forms: dict[str, SchemaForm] = {}
        self._refused: set[str] = set()
        self._said: set[str] = set()

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """The request's fields beside model and messages, as this endpoint takes them."""
        limit = "max_completion_tokens" if "max_tokens" in self._refused else "max_tokens"
        fields: dict[str, Any] = {
            limit: request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
            "response_format": self._response_format(request),
            "tools": [
                {"type": "function", "function": tool.model_dump()} for tool in request.tools
            ],
        }
        return {
            name: value
            for name, value in fields.items()
            if name not in self._refused and value not in (None, [])
        }

    def note(self, request: ChatRequest) -> str:
        """The turn that tells the schema, where the endpoint does not take it otherwise."""
        if request.json_schema is None or self.form(request) < SchemaForm.JSON_MODE:
            return ""
        return self._schema_note(json.dumps(request.json_schema, ensure_ascii=False))

    def form(self, request: ChatRequest) -> SchemaForm:
        """How this request's schema would be handed over now."""
        return self._forms.get(request.schema_name, SchemaForm.STRICT)

    def learn(
        self, request: ChatRequest, form: SchemaForm, body: dict[str, Any], refusal: str
    ) -> bool:
        """Learn from a refusal; say whether it is worth to ask again.

        What was sent decides, not what is known by now: requests on their way at the same
        time are refused for the same reason.

        Args:
            request: What was asked.
            form: The form that its schema was sent in.
            body: The fields that were sent.
            refusal: The endpoint's words.
        """
        if _UNSUPPORTED.search(refusal) and self._drop_named(body, refusal):
            return True
        if "response_format" not in body or not _OF_SCHEMA.search(refusal):
            return False
        self._weaken(request, SchemaForm(form + 1))
        return True

    def _drop_named(self, body: dict[str, Any], refusal: str) -> bool:
        for name in ("max_tokens", "temperature", "seed"):
            if name in refusal and name in body:
                self._refused.add(name)
                if name != "max_tokens":  # It goes on under its other name.
                    self._say(f"{self._endpoint} takes no {name}: it is left out.")
                return True
        return False

    def _weaken(self, request: ChatRequest, form: SchemaForm) -> None:
        self._forms[request.schema_name] = max(form, self.form(request))
        if form is SchemaForm.JSON_MODE:
            self._say(
                f"{self._endpoint} does not take JSON schemas (json_schema): they go into the "
                "prompt, with JSON mode where there is one. Expect more re-asks."
            )

    def _response_format(self, request: ChatRequest) -> dict[str, Any] | None:
        form = self.form(request)
        if request.json_schema is None or form is SchemaForm.PROMPT:
            return None
        if form is SchemaForm.JSON_MODE:
            return {"type": "json_object"}
        schema = {"name": request.schema_name or "reply", "schema": request.json_schema}
        return {
            "type": "json_schema",
            "json_schema": {**schema, "strict": form is SchemaForm.STRICT},
        }

    def _say(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            self._emit(Noticed(message=message))
