"""What a person does on a page of Label Studio: log in, open a task, draw over words, choose, write, tie, submit."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Route, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_EDGE = 0.5
_PAUSE = 150
# Where code points of the text shown lie on the page: the text nodes below an element, one after the other.
_RECTANGLES = """
(root, [start, end]) => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  const places = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === Node.ELEMENT_NODE) {
      if (node.tagName === 'BR') places.push(null);
      continue;
    }
    let unit = 0;
    for (const point of node.textContent) { places.push([node, unit, unit + point.length]); unit += point.length; }
  }
  const box = (place) => {
    const range = document.createRange();
    range.setStart(place[0], place[1]); range.setEnd(place[0], place[2]);
    const own = [...range.getClientRects()].filter((r) => r.width > 0);
    return own.length ? own[0] : range.getBoundingClientRect();
  };
  places[start][0].parentElement.scrollIntoView({block: 'center'});
  const rest = (r) => ({left: r.left, right: r.right, top: r.top, bottom: r.bottom});
  // Letters that are written from right to left.
  const leftward = /[\u0590-\u08ff]/.test(places[start][0].textContent.slice(places[start][1], places[start][2]));
  return [rest(box(places[start])), rest(box(places[end - 1])), leftward];
}
"""


class Labelling:
    """One browser, logged in; every request that leaves 127.0.0.1 is stopped and kept in ``outside``."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.outside: list[str] = []

    def log_in(self, email: str, password: str) -> None:
        self.page.goto(f"{self.url}/user/login")
        self.page.fill("input[name=email]", email)
        self.page.fill("input[name=password]", password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/user/login" not in url)

    def open(self, project: int, task: int) -> None:
        self.page.goto(f"{self.url}/projects/{project}/data?task={task}")
        self.page.wait_for_selector(".lsf-htx-richtext")
        self.page.wait_for_selector("[data-testid=bottombar-submit-button], [data-testid=bottombar-update-button]")
        self.page.wait_for_timeout(300)

    def stream(self, project: int) -> None:
        """Begin to label a project's tasks one after the other; the guidelines are shown first."""
        self.page.goto(f"{self.url}/projects/{project}/data?labeling=1")
        self.page.wait_for_selector("text=Labeling Instructions")
        self.page.keyboard.press("Escape")
        self.page.wait_for_timeout(500)

    def skip(self) -> None:
        """Skip the task that is shown."""
        with self.page.expect_response(lambda answer: "/annotations" in answer.url and answer.request.method == "POST"):
            self.page.click("[data-testid=bottombar-skip-button]")

    def submit(self) -> None:
        with self.page.expect_response(
            lambda answer: "/annotations" in answer.url and answer.request.method in ("POST", "PATCH") and answer.ok
        ):
            self.page.click("[data-testid=bottombar-submit-button], [data-testid=bottombar-update-button]")

    def text(self, number: int = 0) -> Locator:
        return self.page.locator(".lsf-htx-richtext").nth(number)

    def label(self, name: str) -> None:
        self.page.locator(".lsf-label", has_text=name).first.click()

    def draw(self, label: str, start: int, end: int, *, text: int = 0) -> None:
        """Drag the mouse over the code points ``start:end`` of a text, with a label chosen before.

        Escape first lets go of the region that is selected, which a click on a label would relabel.
        """
        self.page.keyboard.press("Escape")
        self.label(label)
        first, last, leftward = self.text(text).evaluate(_RECTANGLES, [start, end])
        begin, stop = (first["left"] + _EDGE, last["right"] - _EDGE)
        if leftward:
            begin, stop = (first["right"] - _EDGE, last["left"] + _EDGE)
        mouse = self.page.mouse
        mouse.move(begin, (first["top"] + first["bottom"]) / 2)
        mouse.down()
        mouse.move((begin + stop) / 2, (last["top"] + last["bottom"]) / 2, steps=4)
        mouse.move(stop, (last["top"] + last["bottom"]) / 2, steps=4)
        mouse.up()
        self.page.wait_for_timeout(_PAUSE)

    def select_region(self, start: int, *, text: int = 0) -> None:
        """Click into a region, on the code point ``start`` of a text."""
        first, _, _ = self.text(text).evaluate(_RECTANGLES, [start, start + 1])
        self.page.mouse.click((first["left"] + first["right"]) / 2, (first["top"] + first["bottom"]) / 2)
        self.page.wait_for_timeout(_PAUSE)

    def pick(self, *options: str) -> None:
        """Choose from the list that belongs to the selected region."""
        self.page.locator("[data-testid^=select-trigger]").first.click()
        for option in options:
            self.page.locator("[role=option]").filter(has_text=option).first.click()
            self.page.wait_for_timeout(_PAUSE)
        # A list of several choices stays open; Escape would let go of the region too.
        if self.page.locator("[role=option]").count():
            self.page.locator("[data-testid^=select-trigger]").first.click()
            self.page.wait_for_timeout(_PAUSE)

    def write(self, placeholder: str, value: str) -> None:
        """Write into a field of the selected region."""
        field = self.page.get_by_placeholder(placeholder).first
        field.fill(value)
        field.press("Enter")
        self.page.wait_for_timeout(_PAUSE)

    def tie(self, start: int, end: int) -> None:
        """Draw an arrow from the region at one code point to the region at another."""
        # A click on a region that is selected would let go of it.
        self.page.keyboard.press("Escape")
        self.select_region(start)
        self.page.keyboard.press("Alt+r")
        self.page.wait_for_timeout(_PAUSE)
        self.select_region(end)
        self.page.wait_for_timeout(_PAUSE)

    def choose(self, value: str) -> None:
        """Tick a choice that is made for the whole task."""
        self.page.locator("label", has_text=value).first.click()
        self.page.wait_for_timeout(_PAUSE)

    def screenshot(self, path: Path) -> None:
        self.page.screenshot(path=str(path))


@contextmanager
def labelling(url: str) -> Iterator[Labelling]:
    """A browser for the server at ``url``."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        own = Labelling(page, url)

        def route(asked: Route) -> Any:
            if asked.request.url.startswith((url, "data:", "blob:")):
                return asked.continue_()
            own.outside.append(asked.request.url)
            return asked.abort()

        page.route("**/*", route)
        yield own
        browser.close()
