"""What the tests in a browser share: a server on this machine, pages that are watched and waited for, and axe.

A browser answers when it has time: after a click, a key, or a reload no test looks once, but `eventually`. `conftest.py` has the browser.
"""

import contextlib
import functools
import http.server
import re
import shutil
import threading
import time
from collections import Counter

# The first one has no windows to draw, and takes a third less of the processors; but in it, a worker that never rests is not seen to end.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM, WINDOWED = (next(filter(None, map(shutil.which, names)), None) for names in (BROWSERS, BROWSERS[1:]))
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]  # the rules that a colour scheme can break
LIGHT = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
LIGHT += ["--disable-sync"]
# Without the last two, each window has a process of its own for a search field that nobody sees; the others Playwright wants off, too.
OFF = ["DestroyProfileOnBrowserClose", "HttpsUpgrades", "MediaRouter", "OptimizationHints", "PaintHolding"]
LIGHT += [f"--disable-features={','.join([*OFF, 'WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'])}"]
PATIENCE, LOADING = 60_000, 120_000  # milliseconds for a step, and for a page to load, on a machine that has much to do
STILL = "() => document.getAnimations().every(animation => animation.playState !== 'running')"


# Math.random draws the same numbers in each run of the tests, and others after a reload.
DRAWS = """(() => {
    let state = 123456789;
    try {
        sessionStorage.draws = 1 + Number(sessionStorage.draws ?? 0);
        state = (state * sessionStorage.draws) % 2147483647;
    } catch { /* a page of no origin has no storage */ }
    Math.random = () => (state = (48271 * state) % 2147483647) / 2147483647;
})()"""


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128  # of the five that are usual, some browsers take six


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # the browser keeps its connections
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def served(folder):
    """Serves a folder, and gives the address."""
    with Server(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def watch(page, address):
    """Lets `page.complaints` collect errors and requests to elsewhere, `page.bytes` the weight of what is fetched.

    `page.begun` and `page.ended` count the requests for each address.
    """
    page.complaints, page.bytes, page.begun, page.ended = [], 0, Counter(), Counter()
    page.on("request", lambda asked: page.begun.update([asked.url]))
    page.on("requestfinished", lambda asked: page.ended.update([asked.url]))
    page.on("requestfailed", lambda asked: page.ended.update([asked.url]))
    page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    own = (address, "data:", "blob:")
    page.on("request", lambda asked: asked.url.startswith(own) or page.complaints.append(asked.url))

    def weigh(response):
        page.bytes += int(response.headers.get("content-length", 0))
        if response.status >= 400:
            page.complaints.append(response.url)

    page.on("response", weigh)


def new_context(browser, **options):
    """Return a context of the browser that has patience, and whose pages draw the same random numbers in each run."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    context.set_default_navigation_timeout(LOADING)
    context.add_init_script(DRAWS)
    return context


@contextlib.contextmanager
def opening(browser, address):
    """Gives a function that opens a watched page under the address, and returns it when it has loaded; closed at the end."""
    contexts = []

    def opened(path, width=1280, scheme="light", **options):
        size = {"width": width, "height": 900}
        contexts.append(new_context(browser, viewport=size, color_scheme=scheme, **options))
        page = contexts[-1].new_page()
        watch(page, address)
        page.goto(address + path)
        return page

    yield opened
    for context in contexts:
        context.close()


@contextlib.contextmanager
def viewing(browser, address, path_of):
    """Gives a function that opens the built page `path_of(...)` when all it fetches is there; closed at the end."""
    with opening(browser, address) as opened:

        def viewed(path, *more, **options):
            page = opened(path_of(path), *more, **options)  # to its end: a network is idle, too, while a page is read
            if options.get("java_script_enabled", True):  # without scripts, a page that has loaded fetches no more
                at_rest(page)
            eventually(lambda: page.evaluate("() => document.fonts.status"), "loaded")
            return page

        yield viewed


# ---- To wait for what a browser does


def eventually(look, wanted=bool):
    """Look again and again until what is seen is `wanted`, a value or a function that is true of it; return what is seen."""
    end = time.monotonic() + PATIENCE / 1000
    pause = 0.01
    while True:
        seen = look()
        if wanted(seen) if callable(wanted) else seen == wanted:
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"{seen!r} has not become {getattr(wanted, '__self__', wanted)!r}")
        time.sleep(pause)
        pause = min(1.2 * pause, 0.08)  # a look takes three processes' time


FETCHED = "() => performance.getEntries().filter(entry => entry.responseEnd > 0).map(entry => entry.name)"
CALM = 0.5  # seconds without a request, after which a page is at rest


def at_rest(page):
    """Wait until a watched page has all that it asks for, and has asked for nothing for half a second.

    Playwright's own wait believes events, and the browser without windows now and then does not tell that a request has ended; the
    page itself knows.
    """
    asked, since = -1, 0.0

    def missing():
        nonlocal asked, since
        known = Counter(page.evaluate(FETCHED))
        left = [address for address, n in page.begun.items() if n > max(page.ended[address], known[address])]
        if left or asked != page.begun.total():
            asked, since = page.begun.total(), time.monotonic()
        return left or time.monotonic() - since < CALM

    eventually(missing, lambda left: not left)


def becomes(page, expression, argument=None):
    """Wait until an expression of the page is true; a page whose policy forbids eval lets Playwright's own wait look only once."""
    eventually(lambda: page.evaluate(expression, argument))


def like(text):
    """Return a function that is true of the text; "…" stands for any words."""
    return re.compile(".*".join(map(re.escape, text.split("…"))), re.S).fullmatch


class Facts(tuple):
    """Numbers and words in an order; true of a text that tells them so, whatever stands between them."""

    def __call__(self, text):
        pattern, between = "", r"\D*?"
        for fact in self:
            if isinstance(fact, str):
                pattern += f".*?{re.escape(fact)}"
            elif fact is not ...:
                pattern += between + written(fact)
            between = ".*?" if fact is ... else r"\D*?"
        return re.match(pattern, text, re.S)


def telling(*facts):
    """Return a function that is true of a text that tells these numbers and words. Another number may come before a word, and where ... is."""
    return Facts(facts)


def written(number):
    """Return the pattern of a number in a text: with commas or zeros behind the point, or without."""
    whole, _, part = f"{abs(number):,.10f}".rstrip("0").partition(".")
    sign, commas = "[-−]" if number < 0 else r"(?<![-−\d.,])", whole.replace(",", ",?")
    return rf"{sign}{commas}{rf'[.]{part}0*' if part else '(?:[.]0+)?'}(?!\d|[.]\d|,\d\d\d)"


def tells(place, *facts):
    """Wait until an element tells these numbers and words in this order (`telling`); return what it says."""
    return eventually(place.inner_text, telling(*facts))


def says(place, text):
    """Wait until an element says the text, in which "…" stands for any words; return what it says."""
    return eventually(place.inner_text, like(text))


def addressed(page, text):
    """Wait until the address ends so, from its # on; "…" stands for any words."""
    return eventually(lambda: page.evaluate("() => location.hash"), like(text))


FOLLOWED = """hash => new Promise(done => {
    if (location.hash === "#" + hash) return done();
    addEventListener("hashchange", () => setTimeout(done), { once: true });  // the page's own listener comes first
    location.hash = hash;
})"""


def follow(page, hash):
    """Follow a link within the page, to a place and a state of what is there."""
    page.evaluate(FOLLOWED, hash)


class Stalled(Exception):
    """A page that draws no more, though its scripts run: Chromium 156 leaves one so after one resize in 10,000, for good."""


DRAWN = """patience => new Promise(done => {
    const late = setTimeout(() => done(false), patience);
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => { clearTimeout(late); done(true); })));
})"""


def settle(page):
    """Wait for two frames: what was begun has then been drawn. Raises `Stalled` if none comes."""
    if not page.evaluate(DRAWN, PATIENCE):
        raise Stalled(page.url)


def resize(page, width, height=800):
    """Give the window another size, and wait until the page has fitted itself into it."""
    page.set_viewport_size({"width": width, "height": height})
    becomes(page, "width => innerWidth === width", width)
    settle(page)


def frame_of(place):
    """Scroll to an element, and return its frame when it stands still."""
    place.scroll_into_view_if_needed()
    return place.bounding_box()


def stop_clock(page):
    """Stop the clock of the page: time passes by `page.clock.run_for(milliseconds)` alone, until `page.clock.resume()`."""
    page.clock.install(time=0)
    page.clock.pause_at(1)


SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"  # pixels that a page scrolls


def fits(page, most=1):
    """Wait until the page does not scroll sideways, but for a pixel."""
    eventually(lambda: page.evaluate(f"() => {SIDEWAYS}"), lambda pixels: pixels <= most)


def barriers(page, scheme, colours=True, others=True):
    """What axe finds on the page in this colour scheme, of WCAG 2.2 AA: what is about colours, and all other rules."""
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    becomes(page, "scheme => document.documentElement.dataset.theme === scheme", scheme)
    becomes(page, STILL)  # half faded in, a text is pale
    only = {"type": "tag", "values": LEVELS} if others else {"type": "rule", "values": OF_COLOURS}
    options = {"preload": False, "resultTypes": ["violations"], "runOnly": only}
    if not colours:
        options["rules"] = {rule: {"enabled": False} for rule in OF_COLOURS}
    axe = Axe("'is there'") if page.evaluate("'axe' in window") else Axe()
    found = axe.run(page, options=options).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['target']} {rule['nodes'][0]['failureSummary']}" for rule in found]
