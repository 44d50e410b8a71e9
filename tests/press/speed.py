"""How heavy the built pages are, and how soon a reader can use them on a slow machine: `make speed`, or this file with names of pages.

    kB        what the page fetches before anybody scrolls, uncompressed
    seen      seconds until the first words stand
    usable    seconds until the page answers: the end of the last task above 50 ms that is followed by a second without one
    busy      seconds that the page's main thread computed in this time; other programs on the machine hardly change them
    device    seconds from the moment when a device comes into the window until it is drawn; the longest of the page. 0: it was there

The processor is slowed four times. The times are of this machine, so they are printed, and no test asks for them. Aim: usable in 2 s.
"""

import sys
from pathlib import Path

import browsing
from bs4 import BeautifulSoup

HTML = Path(__file__).resolve().parents[2] / "book" / "_build" / "html"
SLOWER = 4
QUIET = 1000  # milliseconds
WATCH = """window.busyUntil = 0;
new PerformanceObserver(seen => seen.getEntries().forEach(task => { busyUntil = Math.max(busyUntil, task.startTime + task.duration); }))
    .observe({ type: "longtask", buffered: true });"""
NEAR = "[...document.querySelectorAll('[data-device]')].every(box => box.matches('.device-lives') || box.getBoundingClientRect().top > innerHeight + 600)"
LAST = "Math.max(busyUntil, performance.timing.loadEventEnd - performance.timing.navigationStart, performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity)"
IDLE = f"{NEAR} && document.readyState === 'complete' && performance.now() - {LAST} > {QUIET}"
MOMENTS = """() => {
    const seen = performance.getEntriesByName("first-contentful-paint")[0].startTime;
    return [seen, Math.max(seen, performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd, busyUntil)];
}"""
DRAWN = """box => new Promise(done => {
    const began = performance.now(), look = () => (box.querySelector(".device-say:not(:empty)") ? setTimeout(() => done(performance.now() - began)) : requestAnimationFrame(look));
    box.scrollIntoView();
    requestAnimationFrame(look);
})"""


def with_devices(html):
    """The pages that have a device, the front page first; a slide's device waits until the slide is shown."""
    pages = [path for path in html.rglob("*.html") if "slides" not in path.relative_to(html).parts and BeautifulSoup(path.read_text("utf-8"), "html.parser").select("[data-device]")]  # fmt: skip
    return sorted((path.relative_to(html).as_posix() for path in pages), key=lambda name: (name.count("/"), name))


def measure(browser, address, name):
    """What the columns say of a page."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        browsing.watch(page, address)
        page.add_init_script(WATCH)
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(address + name, wait_until="load", timeout=120_000)
        page.wait_for_function(IDLE, polling=250, timeout=120_000)
        weight, moments = page.bytes / 1000, page.evaluate(MOMENTS)
        metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
        drawn = [box.evaluate(DRAWN) for box in page.query_selector_all("[data-device]:not(.device-lives)")]
        seen, usable = (moment / 1000 for moment in moments)
        return weight, seen, usable, metrics["TaskDuration"], max(drawn, default=0) / 1000


def main(names, html=HTML):
    names = names or with_devices(html)
    if not names or browsing.CHROMIUM is None:
        print("nothing to measure: run `make book` first" if not names else "no Chromium to measure with: on Debian, apt install chromium")  # fmt: skip
        return
    from playwright.sync_api import sync_playwright

    print(f"On a processor {SLOWER} times slower than this one\n    kB   seen  usable   busy  device   page")
    with browsing.served(html) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browsing.CHROMIUM, args=[*browsing.LIGHT, "--no-sandbox"])
        for name in names:
            weight, seen, usable, busy, device = measure(browser, address, name)
            print(f"{weight:6.0f}{seen:7.1f}{usable:8.1f}{busy:7.1f}{device:8.2f}   {name}", flush=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
