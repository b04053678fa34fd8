"""Pictures of every page, on a phone and on a desk, into ``docs/images/pages/``.

Needs Chromium and the development set-up; the sample season and accounts are loaded into a folder
that is thrown away.
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright
from tests.browser.rooms import ROOMS, Room, address_of, enter_as, with_samples
from tests.house import Served, serving

FOLDER = Path(__file__).parents[1] / "docs" / "images" / "pages"
GALLERY = FOLDER.parents[1] / "reference" / "pages.md"
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
_TALLEST = 1600
_QUALITY = 60


def take(browser: Browser, served: Served, room: Room, size: str) -> None:
    """Take the picture of a page."""
    width, height = SIZES[size]
    view = {"width": width, "height": height}
    with browser.new_context(viewport=view, locale="zh-CN") as context:  # type: ignore[arg-type] # a size
        if room.role:
            enter_as(context, served, room.role)
        page = context.new_page()
        page.goto(address_of(room, served), wait_until="networkidle")
        page.wait_for_timeout(500)
        tall = min(_TALLEST, int(page.evaluate("document.documentElement.scrollHeight")))
        clip = {"x": 0, "y": 0, "width": width, "height": tall}
        page.screenshot(
            path=FOLDER / f"{room.name}-{size}.jpg",
            type="jpeg",
            quality=_QUALITY,
            full_page=True,
            clip=clip,  # type: ignore[arg-type] # a rectangle
        )


def picture(room: Room, size: str) -> str:
    """Write a picture into a page of documentation."""
    source = f"../images/pages/{room.name}-{size}.jpg"
    return f'<img src="{source}" height="360" alt="{room.name}, {size}">'


def gallery() -> str:
    """Write the page of documentation that shows all pictures."""
    lines = [
        "# Pages",
        "",
        "Every page a person uses, as `make screenshots` last saw it with sample data, at a desk",
        "and on a phone. 每个页面的样子：左为电脑，右为手机。",
    ]
    for room in ROOMS:
        who = f"`{room.role}`" if room.role else "everybody / 所有人"
        pictures = " ".join(picture(room, size) for size in SIZES)
        lines += ["", f"## {room.name}", "", f"`{room.path}` · {who}", "", pictures]
    return "\n".join([*lines, ""])


def main() -> None:
    """Take all pictures."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, serving(Path(folder)) as served:
        with_samples(served.house)
        served.house.integrate()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            for room in ROOMS:
                for size in SIZES:
                    take(browser, served, room, size)
                sys.stdout.write(f"{room.name}\n")
            browser.close()
    GALLERY.write_text(gallery(), encoding="utf-8")


if __name__ == "__main__":
    main()
