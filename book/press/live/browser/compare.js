// What a cell shows here against what the book shows: their words, without figures, formulas, and white space.

const LEFT_OUT = "svg, style, .katex, mjx-container, .copybtn";

function words(place) {
  const copy = place.cloneNode(true);
  for (const one of copy.querySelectorAll(LEFT_OUT)) one.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
}

// Returns "same" or "differs", or nothing where neither has words.
export function compared(stored, shown) {
  const book = words(stored), here = words(shown);
  return book || here ? (book === here ? "same" : "differs") : "";
}

export const SENTENCES = {
  "": "",
  same: _("Same as in the book."),
  differs: _("Not quite the book's output: here Python has 32-bit integers and other versions of the libraries, which can change numbers and choices. Reset shows the book's."),
};
