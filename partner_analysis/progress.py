"""How far a run is: one bar with the time left on a terminal, plain lines otherwise."""

from __future__ import annotations

import math
import sys

from tqdm import tqdm


class Progress:
    """A bar on a terminal, plain lines otherwise."""

    def __init__(self) -> None:
        self.bar = tqdm(unit="notebook", leave=False) if sys.stderr.isatty() else None
        self.left = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def step(self, done: int, total: int, label: str, seconds: float) -> None:
        """One more notebook is done; 0 seconds: by an earlier run."""
        if self.bar is None:
            took = f"{seconds:.1f} s" if seconds else "as before, since nothing has changed"
            print(f"[{done}/{total}] {label}: {took}", file=sys.stderr, flush=True)
            return
        self.bar.total = total
        self.bar.set_description_str(label, refresh=False)
        self.bar.update(done - self.bar.n)

    def foresee(self, seconds: float) -> None:
        """Show the time that the rest will take, as earlier runs took it."""
        if self.bar is not None:
            self.bar.set_postfix_str(time_left(seconds))


def time_left(seconds: float) -> str:
    """Give a time to wait in words, rounded as far as it is known; "" where nobody knows.

    >>> time_left(42), time_left(400), time_left(float("nan"))
    ('about 40 s left', 'about 7 min left', '')
    """
    if math.isnan(seconds):
        return ""
    if seconds < 100:
        return f"about {max(1, round(seconds / 10)) * 10} s left"
    return f"about {round(seconds / 60)} min left"
