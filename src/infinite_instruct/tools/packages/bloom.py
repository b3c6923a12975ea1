"""A set of many names in little space: a Bloom filter (Bloom 1970, doi:10.1145/362686.362692).

What was added is always found; what was not is found by mistake at the chosen rate.
"""

import hashlib
import math
import struct
from collections.abc import Iterable, Iterator

_MAGIC = b"IIBLOOM1"
_HEAD = struct.Struct("<8sQQQ")
MOST_BYTES = 64 * 1024 * 1024


class BloomFilter:
    """Names, not to be listed but to be asked for.

    Args:
        bits: The table; its length is a whole number of bytes.
        hashes: Places in the table for each name.
        count: Names that were added.
    """

    def __init__(self, bits: bytes, hashes: int, count: int) -> None:
        self._bits = bits
        self._size = len(bits) * 8
        self._hashes = hashes
        self.count = count

    @classmethod
    def of(cls, names: Iterable[str], rate: float) -> "BloomFilter":
        """A filter of these names.

        Args:
            names: Each counts once.
            rate: The share of other names that are found by mistake, between 0 and 1.
        """
        known = set(names)
        size = math.ceil(-len(known) * math.log(rate) / math.log(2) ** 2 / 8) + 1
        hashes = max(1, round(math.log2(1 / rate)))
        table = bytearray(size)
        for name in known:
            for place in _places(name, hashes, size * 8):
                table[place >> 3] |= 1 << (place & 7)
        return cls(bytes(table), hashes, len(known))

    @classmethod
    def load(cls, data: bytes) -> "BloomFilter":
        """Read what `dump` wrote.

        Raises:
            ValueError: It is something else, or damaged.
        """
        if len(data) < _HEAD.size or len(data) > MOST_BYTES:
            raise ValueError("no filter of names")
        magic, hashes, count, length = _HEAD.unpack_from(data)
        if magic != _MAGIC or not 1 <= hashes <= 64 or length != len(data) - _HEAD.size:  # noqa: PLR2004
            raise ValueError("no filter of names")
        return cls(data[_HEAD.size :], hashes, count)

    def dump(self) -> bytes:
        """The filter as bytes."""
        return _HEAD.pack(_MAGIC, self._hashes, self.count, len(self._bits)) + self._bits

    def __contains__(self, name: str) -> bool:
        places = _places(name, self._hashes, self._size)
        return all(self._bits[place >> 3] & 1 << (place & 7) for place in places)


def _places(name: str, hashes: int, size: int) -> Iterator[int]:
    digest = hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=16).digest()
    first, step = struct.unpack("<QQ", digest)
    return ((first + turn * (step | 1)) % size for turn in range(hashes))
