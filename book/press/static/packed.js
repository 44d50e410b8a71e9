// Numbers as text: whole ones, `digits` letters each, of base 92: the printable letters of ASCII but ", \, and ` (book/press/pages/packing.py).

// An array of this shape: each number, and `low`, over `per`; or, where `root`, the square of that.
export function unpack(text, per, low, digits, shape, root = false) {
  let values = [];
  for (let i = 0; i < text.length; i += digits) {
    let number = 0;
    for (const letter of text.slice(i, i + digits)) { const code = letter.charCodeAt(0); number = 92 * number + code - 32 - (code > 34) - (code > 92) - (code > 96); }
    const value = (low + number) / per;
    values.push(root ? value * value : value);
  }
  for (const size of shape.slice(1).reverse()) values = values.flatMap((_, i) => (i % size ? [] : [values.slice(i, i + size)]));
  return values;
}
