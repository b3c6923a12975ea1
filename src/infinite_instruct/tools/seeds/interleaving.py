"""Read several streams in turn."""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def interleave(streams: Iterator[Iterator[T]], width: int) -> Iterator[T]:
    """One item of each of `width` streams in turn; a stream that ends makes room for the next."""
    open_streams = deque(islice(streams, width))
    while open_streams:
        stream = open_streams.popleft()
        try:
            item = next(stream)
        except StopIteration:
            open_streams.extend(islice(streams, 1))
            continue
        open_streams.append(stream)
        yield item
