// Whether more messages come than a page can take: so many at once, and then so many in each second (what a cell prints makes 400 at
// most). A slow page hears few of those that come without end, so a limit for a single second would never be met there.
const AT_ONCE = 5000, EACH_SECOND = 500;

export function flood() {
  let since = 0, many = 0;
  return now => {  // of each message, in milliseconds
    many = Math.max(0, many - EACH_SECOND * (now - since) / 1000) + 1;
    since = now;
    return many > AT_ONCE;
  };
}
