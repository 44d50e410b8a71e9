// What the pages do beyond the theme: quizzes that answer, a colour menu that keeps the focus. Without this file, all can be read.

// ---- Quizzes. An option is a <details>: opening it is choosing it. The first choice of a question counts.
const quiz = document.querySelector("section#quiz");
if (quiz) answering(quiz);

function answering(section) {
  const key = "quiz:" + location.pathname;
  const questions = questionsOf(section);
  if (!questions.length) return;
  const chosen = restored();
  const score = document.createElement("p");
  score.className = "quiz-score";
  score.setAttribute("role", "status");
  const again = document.createElement("button");
  again.type = "button";
  again.className = "quiz-again";
  again.textContent = _("Retake the quiz");
  const foot = document.createElement("div");
  foot.className = "quiz-foot";
  foot.append(score, again);
  questions.at(-1).options.at(-1).details.after(foot);

  questions.forEach((question, i) => {
    question.options.forEach((option, j) => {
      option.details.addEventListener("toggle", () => {
        if (!option.details.open) return;
        (chosen[i] ??= []).includes(j) || chosen[i].push(j);
        keep();
        show();
      });
    });
  });
  again.addEventListener("click", () => {
    chosen.fill(undefined);
    for (const { options } of questions) for (const { details } of options) details.open = false;
    keep();
    show();
    questions[0].options[0].details.querySelector("summary").focus();
  });
  show();

  function restored() {
    let kept = [];
    try { kept = JSON.parse(localStorage.getItem(key)) || []; } catch { /* no storage: the page forgets */ }
    return questions.map((question, i) =>
      Array.isArray(kept[i]) ? kept[i].filter(j => question.options[j]) : undefined);
  }
  function keep() {
    try { localStorage.setItem(key, JSON.stringify(chosen)); } catch { /* as above */ }
  }
  function show() {
    let answered = 0, right = 0;
    questions.forEach((question, i) => {
      const mine = chosen[i] || [];
      if (mine.length) answered += 1;
      if (mine.length && question.options[mine[0]].right) right += 1;
      question.options.forEach((option, j) => {
        const seen = mine.includes(j);
        option.details.classList.toggle("is-right", seen && option.right);
        option.details.classList.toggle("is-wrong", seen && !option.right);
        option.verdict.textContent = seen ? (option.right ? _("✓ right") : _("✗ not this one")) : "";
      });
    });
    score.textContent = !answered
      ? _`${questions.length} questions. Choose an answer to see whether it is right, and why.`
      : answered < questions.length
        ? _`${answered} of ${questions.length} answered, ${right} right on the first try.`
        : _`${right} of ${questions.length} right on the first try.`;
    again.hidden = !answered;
  }
}

function questionsOf(section) {
  const questions = [];
  for (const element of [...section.children]) {
    if (element.matches("p") && /^\d+\./.test(element.textContent.trim())) {
      element.id ||= `quiz-question-${questions.length + 1}`;
      questions.push({ element, options: [] });
    } else if (element.matches("details.sd-dropdown") && questions.length) {
      const verdict = document.createElement("span");
      verdict.className = "quiz-verdict";
      element.querySelector("summary .sd-summary-text").after(verdict);
      element.classList.add("quiz-option");
      const said = element.querySelector(".sd-summary-content").textContent.trim();
      const right = said.startsWith(_("Right")) || said.startsWith("Right.");  // what is not translated yet is English
      questions.at(-1).options.push({ details: element, verdict, right });
    }
  }
  const asked = questions.filter(question => question.options.length);
  for (const { element, options } of asked) {
    const group = document.createElement("div");
    group.className = "quiz-question";
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", element.id);
    element.before(group);
    group.append(element, ...options.map(option => option.details));
  }
  return asked;
}

// ---- The colour menu closes when a mode is chosen, and would drop the focus to the top of the page.
for (const item of document.querySelectorAll(".theme-change-button")) {
  item.addEventListener("click", () => {
    const button = item.closest(".dropdown").querySelector("[data-bs-toggle=dropdown]");
    setTimeout(() => button.focus(), 0);
  });
}

// ---- The button that prints: a page with cells allows no handler in its text.
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());

// ---- Figures far below wait (loading="lazy") until the page stands; then they come, so that nobody scrolls into a gap.
addEventListener("load", () => {
  for (const image of document.querySelectorAll("img[loading=lazy]")) if (image.checkVisibility?.()) image.loading = "eager";
});

// ---- A formula wider than the page scrolls from the keyboard, too.
const wide = new ResizeObserver(entries => {
  for (const { target } of entries) target.scrollWidth > target.clientWidth ? target.tabIndex = 0 : target.removeAttribute("tabindex");
});
for (const formula of document.querySelectorAll(".katex-display")) wide.observe(formula);

// ---- The other edition opens at the same place.
for (const link of document.querySelectorAll("a.edition")) {
  link.addEventListener("click", () => { link.hash = location.hash; });
}
