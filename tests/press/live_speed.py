"""How soon a number stands after the first click on Run: `python tests/press/live_speed.py`, after `make live`.

    cold     in a browser that has nothing of the book, and
    warm     on another page of the same browser, which keeps Python
    MB       what was fetched after the click
    wall     seconds from the click to the first output, on this machine as busy as it is
    busy     processor seconds of the page and its worker in this time, which other programs on the machine hardly change; nothing moves
             meanwhile (reduced motion), since drawing a turning wheel without a graphics card costs more than Python
    slowed   four times as many: the seconds of a machine four times slower. It is computed, since the slowing that a browser offers
             is of the page alone, and Python runs in a worker

The times are printed, and no test asks for them.
"""

import sys
import time
from pathlib import Path

import browsing
import psutil

HTML = Path(__file__).resolve().parents[2] / "book" / "_build" / "html"
SLOWER = 4
CLICKS = {  # a page, and where its cell is
    "chapters/01_the_problem/02_manual_tuning.html": ".cell:has(.live-bar):has(> .cell_output pre)",
    "book/playground.html": "#playground",
}


def busy():
    """Processor seconds of this program's pages until now."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            total += sum(process.cpu_times()[:2]) if "--type=renderer" in process.cmdline() else 0
        except psutil.Error:  # it has ended
            continue
    return total


def measure(context, address, name, cell):
    """MB, seconds on the clock, and processor seconds from the click to the first output."""
    page, fetched = context.new_page(), []
    browsing.watch(page, address)
    page.goto(f"{address}404.html")
    page.evaluate("localStorage.setItem('hpt-live', 'yes')")
    page.goto(address + name, timeout=120_000)
    browsing.at_rest(page)
    button = page.locator(cell).first.get_by_role("button", name="Run", exact=True)
    button.scroll_into_view_if_needed()
    page.wait_for_timeout(2000)
    page.context.on("response", lambda answer: fetched.append(int(answer.headers.get("content-length", 0))))
    clock, used = time.perf_counter(), busy()
    button.click()
    page.locator(".live-output > *").first.wait_for(timeout=600_000)
    found = sum(fetched) / 1e6, time.perf_counter() - clock, busy() - used
    page.close()
    return found


def main():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, browsing.served(HTML) as address:
        browser = playwright.chromium.launch(executable_path=browsing.WINDOWED, args=[*browsing.LIGHT, "--no-sandbox"])
        print(f"{'':48} {'MB':>6} {'wall':>6} {'busy':>6} {'slowed':>6}")
        for name, cell in CLICKS.items():
            with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
                for when in ("cold", "warm"):
                    MB, wall, used = measure(context, address, name, cell)
                    print(f"{name + ', ' + when:48} {MB:6.1f} {wall:6.1f} {used:6.1f} {SLOWER * used:6.1f}", flush=True)
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
