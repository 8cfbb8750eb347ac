"""What the tasks share when regions become records: the string of a span, and names that must be slugs."""

from wirecopy.corpus import fold
from wirecopy.findings import quoted
from wirecopy.labels import SLUG
from wirecopy.labelstudio.regions import Problem, Region


def surface(region: Region, text: str) -> str | None:
    r"""The slice of a region, or the region's own text where that is another one, for the check of offsets to find.

    The browser folds white space and writes a line break as a backslash and an ``n``; its offsets are exact all the same.
    """
    slice_ = text[region.start : region.end] if 0 <= region.start <= region.end else ""
    if region.text is None or _folded(region.text) == _folded(slice_):
        return slice_
    return region.text


def check_text(region: Region, text: str) -> Problem | None:
    """What is wrong with the string of a region that is drawn over whole lines."""
    slice_ = text[region.start : region.end]
    if surface(region, text) == slice_:
        return None
    message = f"text is {quoted(region.text)}, but the region [{region.start}:{region.end}] is {quoted(slice_)}"
    return Problem("span-text-differs", message, "delete the region and draw it again", region.id, region.start, region.end)


def _folded(text: str) -> str:
    return fold(text.replace("\\n", " "))


def check_slug(what: str, name: str | None, region: Region) -> Problem | None:
    """What is wrong with the form of a name."""
    if name is None or SLUG.fullmatch(name):
        return None
    message = f"{what} is {quoted(name)}, expected lower-case words joined by hyphens"
    return Problem("name-no-slug", message, "write the name as a slug", region.id, region.start, region.end)
