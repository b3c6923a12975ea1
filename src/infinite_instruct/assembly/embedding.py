"""The embedder that the settings name."""

from infinite_instruct.sections import GraphSettings
from infinite_instruct.tools.embedders import (
    ChromaEmbedder,
    Embedder,
    EndpointEmbedder,
    WordLlamaEmbedder,
)


def embedder_of(settings: GraphSettings) -> Embedder:
    """Make the embedder; nothing is loaded or asked before its first use."""
    if settings.embedder == "endpoint":
        endpoint = settings.embedding
        key = endpoint.api_key().get_secret_value()
        return EndpointEmbedder(endpoint.base_url, endpoint.name, key)
    return ChromaEmbedder() if settings.embedder == "chroma" else WordLlamaEmbedder()
