"""Text from outside stands in a prompt between marks that it cannot contain."""

import hashlib


def as_data(text: str) -> str:
    """Fence a text as material: `<data-NONCE>` … `</data-NONCE>`.

    The nonce is taken from the text's own hash, so equal requests stay equal (the ledger needs
    that), while a text that contains its own closing mark would take 2^64 tries to find.
    """
    clean = text.encode(errors="replace").decode()
    nonce = hashlib.sha256(clean.encode()).hexdigest()[:16]
    return f"<data-{nonce}>\n{clean}\n</data-{nonce}>"
