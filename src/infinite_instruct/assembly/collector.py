"""Python's collector of cycles, out of a campaign's way."""

import gc


def spare_the_collector() -> None:
    """Let Python look for cycles among what is new only, and less often.

    The search through all modules and the graph costs a quarter of a campaign's CPU time, and what
    a campaign makes is freed by its counts. There is no last search before: the start leaves next
    to nothing behind, and one takes 0.2 s.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
