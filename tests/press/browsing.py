"""What the tests in a browser share: a server on this machine, a watch over a page, and axe. `conftest.py` has the browser."""

import contextlib
import functools
import http.server
import shutil
import threading

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]  # the rules that a colour scheme can break
LIGHT = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STILL = "document.getAnimations().every(animation => animation.playState !== 'running')"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def served(folder):
    """Serves a folder, and gives the address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def watch(page, address):
    """Lets `page.complaints` collect errors and requests to elsewhere, and `page.bytes` the weight of what is fetched."""
    page.complaints, page.bytes = [], 0
    page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: asked.url.startswith((address, "data:", "blob:")) or page.complaints.append(asked.url),
    )

    def weigh(response):
        page.bytes += int(response.headers.get("content-length", 0))
        if response.status >= 400:
            page.complaints.append(response.url)

    page.on("response", weigh)


@contextlib.contextmanager
def opening(browser, address, patience=30_000, **goto):
    """Gives a function that opens a watched page under the address; closed at the end. `patience`: of a step, in ms."""
    contexts = []

    def opened(path, width=1280, scheme="light", **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(patience)
        watch(page, address)
        page.goto(address + path, **goto)
        return page

    yield opened
    for context in contexts:
        context.close()


@contextlib.contextmanager
def viewing(browser, address, path_of):
    """Gives a function that opens the built page `path_of(...)` when all it fetches is there; closed at the end."""
    with opening(browser, address, wait_until="networkidle", timeout=120_000) as opened:
        yield lambda page, *more, **options: opened(path_of(page), *more, **options)


SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"  # pixels that a page scrolls


def barriers(page, scheme, colours=True, others=True):
    """What axe finds on the page in this colour scheme, of WCAG 2.2 AA: what is about colours, and all other rules."""
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    page.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme)
    page.wait_for_function(STILL)  # half faded in, a text is pale
    only = {"type": "tag", "values": LEVELS} if others else {"type": "rule", "values": OF_COLOURS}
    options = {"preload": False, "resultTypes": ["violations"], "runOnly": only}
    if not colours:
        options["rules"] = {rule: {"enabled": False} for rule in OF_COLOURS}
    axe = Axe("'is there'") if page.evaluate("'axe' in window") else Axe()
    found = axe.run(page, options=options).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['target']} {rule['nodes'][0]['failureSummary']}" for rule in found]
