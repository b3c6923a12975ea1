"""Shell: bash and shellcheck."""
