"""Search in the Korean edition: a word is found with whatever particle follows it, and by the other names of its term.

Korean writes its particles onto the noun: 함수를, 함수는 and 함수의 are 함수 to a reader, and three words to a search. So page
and query lose their particles alike. Taking off too much is harmless, as long as both sides lose the same. A query may also
write a term of terms.csv without its space, 획득함수, or in a word that this edition does not use, 오버피팅.
"""

import json

from sphinx.search import SearchLanguage

from book.press.translation import rules

# Longest first. The first kind is cut off wherever a syllable stays; the second also ends many nouns (결과, 정도), so two must stay.
CLEAR = (
    "으로부터 에서부터 으로써 으로서 에서는 에서도 에서의 에게서 이라는 이라고 이라면 까지는 까지의 부터는 보다는 처럼은 "
    "으로는 으로도 에서 에게 으로 부터 까지 처럼 보다 마다 에는 에도 라는 라고 이다 이며 이고 이란 은 는 을 를 의 에"
)
DOUBTFUL = "만을 만이 만은 와의 과의 로는 로도 로서 로써 들은 들이 들을 들의 이 가 와 과 도 로 만 나 란"


def stem(word: str) -> str:
    """Return the word without its particles, one after another: 함수에서는 -> 함수."""
    while "가" <= word[-1:] <= "힣":
        for particles, stays in ((CLEAR, 1), (DOUBTFUL, 2)):
            cut = next((p for p in particles.split() if word.endswith(p) and len(word) - len(p) >= stays), "")
            if cut:
                break
        if not cut:
            return word
        word = word[: -len(cut)]
    return word


def other_names(language: str = "ko") -> dict[str, str]:
    """Return the terms of the edition by what a query may call them: other words of three syllables, the list's `also`, no space."""
    rows = rules.rows(language)
    terms = [term for row in rows for term in row["korean"].split("|")]
    names = {}
    for row in rows:
        words = [word for word in row["avoid"].split("|") if len(word.replace(" ", "")) > 2] + row["also"].split("|")
        for word in filter(None, words):
            names |= {form: row["korean"].split("|")[0] for form in (word, word.replace(" ", "")) if form not in terms}
    return names | {term.replace(" ", ""): term for term in terms if " " in term}


class SearchKorean(SearchLanguage):
    lang = "ko"
    language_name = "Korean"
    # The same as `stem`, for the query in the browser.
    js_stemmer_code = f"""
var Stemmer = function () {{
  const kinds = [[{json.dumps(CLEAR, ensure_ascii=False)}.split(" "), 1], [{json.dumps(DOUBTFUL, ensure_ascii=False)}.split(" "), 2]];
  this.stemWord = function (word) {{
    while (/[가-힣]$/.test(word)) {{
      let cut = "";
      for (const [particles, stays] of kinds) {{
        cut = cut || particles.find(p => word.endsWith(p) && word.length - p.length >= stays) || "";
      }}
      if (!cut) return word;
      word = word.slice(0, -cut.length);
    }}
    return word;
  }};
}};
"""

    # Sphinx's, but for the other names of terms; and titles, too, are asked for words without particles.
    js_splitter_code = f"""
const otherNames = new Map(Object.entries({json.dumps(other_names(), ensure_ascii=False)}));
const named = new RegExp(`(^|[^가-힣])(${{[...otherNames.keys()].sort((a, b) => b.length - a.length).join("|")}})`, "g");
var splitQuery = query => query.replace(named, (_, before, name) => before + otherNames.get(name))
  .split(/[^\\p{{Letter}}\\p{{Number}}_\\p{{Emoji_Presentation}}]+/gu).filter(word => word);
const parseQuery = Search._parseQuery;
Search._parseQuery = query => {{
  const stemmer = new Stemmer(), stems = splitQuery(query).map(word => stemmer.stemWord(word.toLowerCase()));
  return [stems.join(" "), ...parseQuery(query).slice(1)];
}};
"""

    def stem(self, word: str) -> str:
        return stem(word.lower())


def setup(app):
    app.add_search_language(SearchKorean)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
