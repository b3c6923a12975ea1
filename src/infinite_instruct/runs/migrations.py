"""How SQLite ledgers of older formats become newer ones. PostgreSQL began with format 2."""

from collections.abc import Mapping

from infinite_instruct.runs.schema import KINDS

_FROM_1 = (
    """
CREATE TABLE spending (
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    calls BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cost_usd DOUBLE PRECISION NOT NULL,
    unpriced BIGINT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (role, model)
);
INSERT INTO spending
SELECT role, model, sum(times), sum(prompt_tokens), sum(completion_tokens),
       coalesce(sum(cost_usd), 0.0), sum(CASE WHEN cost_usd IS NULL THEN times ELSE 0 END),
       sum(seconds)
FROM calls GROUP BY role, model;
DROP INDEX calls_spent;
ALTER TABLE rows ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE rows ADD COLUMN problem_type TEXT NOT NULL DEFAULT '';
ALTER TABLE rows ADD COLUMN direction TEXT NOT NULL DEFAULT '';
ALTER TABLE rows ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE rows ADD COLUMN difficulty TEXT NOT NULL DEFAULT '';
ALTER TABLE rows ADD COLUMN snippet TEXT NOT NULL DEFAULT '';
UPDATE rows SET
    origin = json_extract(plan, '$.origin'),
    problem_type = json_extract(plan, '$.problem_type'),
    direction = json_extract(plan, '$.direction'),
    language = json_extract(plan, '$.language'),
    difficulty = coalesce(json_extract(plan, '$.difficulty'), 'medium'),
    snippet = coalesce(json_extract(plan, '$.snippet.id'), '');
DROP INDEX rows_state;
CREATE INDEX rows_state ON rows (state, position, id);
"""
    + KINDS
)

MIGRATIONS: Mapping[int, str] = {1: _FROM_1}
"""By the format that they begin with; each leads to the next one."""
