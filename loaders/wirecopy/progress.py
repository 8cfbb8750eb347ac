"""Progress bars for long work, on a terminal only."""

import sys
from collections.abc import Iterable, Iterator, Sized
from typing import Protocol, TypeVar

T = TypeVar("T", covariant=True)


class SizedIterable(Sized, Iterable[T], Protocol[T]):
    """What has a length and can be gone through."""


def track(items: SizedIterable[T], description: str) -> Iterator[T]:
    """Go through ``items`` with a bar on standard error that goes away at the end; silent where that is no terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track as bar

    yield from bar(items, description, total=len(items), console=Console(stderr=True), transient=True)
