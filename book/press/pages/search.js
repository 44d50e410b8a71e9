// The search page: what it shows first, and the words that it shows of a page. Sphinx puts this beside its own script (conf.py:
// html_search_scorer). First come pages with the question in their title, lessons before the others; then Sphinx's order.

var Scorer = {
  objNameMatch: 11, objPartialMatch: 6, objPrio: { 0: 15, 1: 5, 2: -5 }, objPrioDefault: 0, title: 15, partialTitle: 7, term: 5, partialTerm: 2,  // Sphinx's

  score([page, title, anchor, , score, , kind]) {
    const stemmer = new Stemmer(), stems = text => splitQuery(text.toLowerCase()).filter(word => !stopwords.has(word)).map(word => stemmer.stemWord(word));
    const asked = stems(new URLSearchParams(location.search).get("q") ?? ""), words = new Set(stems(title));
    const titled = !anchor && (kind === "title" || kind === "text") && asked.length && asked.every(word => words.has(word));
    return titled ? 200 + (page.startsWith("chapters/") ? 100 : 0) + Math.round(50 * asked.length / words.size) : score;
  },
};

// The text of a page without its controls: first the prose, then the code, and at the end what every lesson begins with.
function wordsOfPage(html, anchor) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const place = anchor ? page.getElementById(decodeURIComponent(anchor.slice(1))) : null;
  const content = place?.matches("dt") ? entryOf(place, page) : place ?? page.querySelector("article.bd-article");
  if (!content) return "";
  const taken = selector => [...content.querySelectorAll(selector)].map(part => { part.remove(); return part.textContent; }).join(" ");
  taken(".headerlink, script, style, .device-stage, .report, .place, details.hide > summary, .toctree-wrapper, nav, .katex-html");
  for (const block of content.querySelectorAll("p, li, dt, dd, td, th, pre, summary, div, h1, h2, h3, h4")) block.append(" ");
  const begins = taken("h1, .objectives"), code = taken("pre");
  return `${content.textContent} ${code} ${begins}`.replace(/\s+/g, " ").trim();
}

function entryOf(term, page) {  // of the glossary: a term, and what it means
  const entry = page.createElement("div");
  let next = term.nextElementSibling;
  while (next?.matches("dt")) next = next.nextElementSibling;
  entry.append(term, ...(next ? [next] : []));
  return entry;
}

// Sphinx fetches the page of every result for its words, megabytes in all: each waits here until its result comes into view.
function fetchWhatIsSeen() {
  const fetchNow = window.fetch, waiting = new Map();
  const seen = new IntersectionObserver(results => {
    for (const { target } of results.filter(result => result.isIntersecting)) {
      seen.unobserve(target);
      waiting.get(target)();
    }
  });
  window.fetch = async address => {
    await null;  // Sphinx adds the result once it has asked
    const result = Search.output.lastElementChild;
    await new Promise(begin => { waiting.set(result, begin); seen.observe(result); });
    return fetchNow(address);
  };
}

addEventListener("DOMContentLoaded", () => {
  Search.htmlToText = wordsOfPage;
  fetchWhatIsSeen();
});
