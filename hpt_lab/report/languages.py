"""The words of a report in other languages: each English message is the key to one that says the same.

A message is a whole sentence, heading or label, with placeholders for `str.format`. Names, choices and errors stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable

from hpt_lab.values.checks import one_of

__all__ = ["FONTS", "LANGUAGES", "MESSAGES", "Say", "say"]

Say = Callable[
    ..., str
]  # of a message and what its placeholders stand for; `str.format` is one, and says it in English

KOREAN = {
    # the page
    "study": "스터디",
    "Copy": "복사",
    "Copied": "복사했다",
    "Figure": "그림",
    "what": "항목",
    "value": "값",
    "best value": "가장 좋은 값",
    "trials": "시행",
    "at budget": "예산",
    "failed": "실패",
    "training": "훈련 시간",
    "strategy": "전략",
    "direction": "방향",
    "minimize": "최소화",
    "maximize": "최대화",
    "seed": "시드",
    # headings
    "The best trial": "가장 좋은 시행",
    "How the best value came about": "가장 좋은 값에 이른 길",
    "Learning curves": "학습 곡선",
    "Which hyperparameters matter": "중요한 하이퍼파라미터",
    "Each hyperparameter against the value": "하이퍼파라미터별로 본 값",
    "All of them together": "모두 함께",
    "Budgets": "예산",
    "What failed": "실패한 것",
    "All trials": "모든 시행",
    "The first {rows} of {n} trials": "시행 {n}번 가운데 앞의 {rows}번",
    "Trials": "시행",
    "Search space": "검색 공간",
    "How it was made": "어떻게 검색했나",
    # the summary
    "No trial is complete yet.": "끝난 시행이 아직 없다.",
    "{who} searched 1 hyperparameter for the lowest value.": "{who} 전략이 하이퍼파라미터 1개를 바꾸어 가장 낮은 값을 찾았다.",
    "{who} searched 1 hyperparameter for the highest value.": "{who} 전략이 하이퍼파라미터 1개를 바꾸어 가장 높은 값을 찾았다.",
    "{who} searched {n} hyperparameters for the lowest value.": "{who} 전략이 하이퍼파라미터 {n}개를 바꾸어 가장 낮은 값을 찾았다.",
    "{who} searched {n} hyperparameters for the highest value.": "{who} 전략이 하이퍼파라미터 {n}개를 바꾸어 가장 높은 값을 찾았다.",
    "{n} complete": "완료 {n}",
    "{n} failed": "실패 {n}",
    "{n} running": "진행 중 {n}",
    "1 trial: {counts}; from {first} on, {training} of training in all.": (
        "시행 1번({counts}). {first}에 시작했고, 훈련 시간은 모두 {training}이다."
    ),
    "{n} trials: {counts}; from {first} on, {training} of training in all.": (
        "시행 {n}번({counts}). {first}에 시작했고, 훈련 시간은 모두 {training}이다."
    ),
    "The best value is {value} (trial {number}).": "가장 좋은 값은 {value}, {number}번 시행이다.",
    "The best value is {value} (trial {number}) at budget {budget}, the highest reached.": (
        "가장 좋은 값은 {value}, 도달한 가장 높은 예산({budget})에서 끝난 {number}번 시행이다."
    ),
    "No later trial was better.": "그 뒤의 어떤 시행도 더 좋지 않았다.",
    "The first complete trial had {value}.": "처음 끝난 시행의 값: {value}.",
    "The first complete trial had {value}: the best is {share:.0%} higher.": (
        "처음 끝난 시행의 값은 {value}, 가장 좋은 값은 그보다 {share:.0%} 높다."
    ),
    "The first complete trial had {value}: the best is {share:.0%} lower.": (
        "처음 끝난 시행의 값은 {value}, 가장 좋은 값은 그보다 {share:.0%} 낮다."
    ),
    "{name} = {value} is at the lower end of its range: better values may lie beyond. Widen the range if it can be.": (
        "{name} = {value}, 범위의 아래쪽 끝이다. 더 좋은 값이 그 너머에 있을지 모른다. 할 수 있으면 범위를 넓혀라."
    ),
    "{name} = {value} is at the upper end of its range: better values may lie beyond. Widen the range if it can be.": (
        "{name} = {value}, 범위의 위쪽 끝이다. 더 좋은 값이 그 너머에 있을지 모른다. 할 수 있으면 범위를 넓혀라."
    ),
    "The last {n} complete trials brought nothing better.": "마지막으로 끝난 시행 {n}번은 더 좋은 값을 내지 못했다.",
    "The last quarter of the complete trials still improved the best value, from {before} to {value}: more trials may "
    "improve it again.": (
        "끝난 시행의 마지막 4분의 1에서도 가장 좋은 값이 나아졌다({before} → {value}). 시행을 늘리면 더 나아질지 모른다."
    ),
    "At a lower budget there is a better value: {value} at budget {budget} (trial {number}). Values of two budgets may not "
    "be comparable; if these are, train that trial further.": (
        "더 낮은 예산에 더 좋은 값이 있다. 예산 {budget}에서 {value}, {number}번 시행이다. "
        "예산이 다르면 값을 견줄 수 없을지 모른다. 견줄 수 있으면 그 시행을 더 훈련하라."
    ),
    "{n} of {n_all} trials failed ({share:.0%}); their errors are listed below.": (
        "시행 {n_all}번 가운데 {n}번이 실패했다({share:.0%}). 오류는 아래에 있다."
    ),
    "{seconds:.3g} s": "{seconds:.3g}초",
    "{minutes} min": "{minutes}분",
    "{hours} h {minutes} min": "{hours}시간 {minutes}분",
    # the texts of the sections
    "Trial {number}, with the value {value}. Its hyperparameters:": "{number}번 시행, 값은 {value}. 하이퍼파라미터는 다음과 같다.",
    "Each dot is a trial, and the line is the best value so far: over the trials, and over the time.": (
        "점 하나가 시행 하나이고, 선은 그때까지 가장 좋은 값이다. 하나는 시행의 순서를, 하나는 시간을 따라간다."
    ),
    "The value after each unit of budget. The better a trial ended, the stronger its line.": (
        "예산을 한 단위 쓸 때마다 나온 값. 더 좋게 끝난 시행일수록 선이 진하다."
    ),
    "How much of the variance of the values over the whole space each hyperparameter explains on its own, as a model of {n} "
    "trials sees it; the last bar is what only several explain together. The whisker is one standard deviation: where it "
    "reaches 0, the bar may be chance.": (
        "검색 공간 전체에서 값의 분산을 하이퍼파라미터마다 혼자서 얼마나 설명하는지, 시행 {n}번으로 만든 모델이 본 것이다. "
        "마지막 막대는 여럿이 함께여야 설명하는 몫이다. 수염은 표준 편차 하나의 길이다. 수염이 0에 닿으면 막대는 우연일지 모른다."
    ),
    "How much of the variance of the values over the whole space each hyperparameter explains on its own, as a model of {n} "
    "trials at budget {budget} sees it; the last bar is what only several explain together. The whisker is one standard "
    "deviation: where it reaches 0, the bar may be chance.": (
        "검색 공간 전체에서 값의 분산을 하이퍼파라미터마다 혼자서 얼마나 설명하는지, 예산 {budget}에서 끝난 시행 {n}번으로 "
        "만든 모델이 본 것이다. 마지막 막대는 여럿이 함께여야 설명하는 몫이다. 수염은 표준 편차 하나의 길이다. "
        "수염이 0에 닿으면 막대는 우연일지 모른다."
    ),
    "the study has {most} complete trials, and must have at least {least} in this space": (
        "끝난 시행이 {most}번이다. 이 공간에서는 적어도 {least}번이 있어야 한다"
    ),
    "the study has {most} complete trials at one budget, and must have at least {least} in this space": (
        "한 예산에서 끝난 시행이 {most}번이다. 이 공간에서는 적어도 {least}번이 있어야 한다"
    ),
    "the {n} complete trials have one value, {value:g}, and must differ": (
        "끝난 시행 {n}번의 값이 모두 같다({value:g}). 값이 서로 달라야 한다"
    ),
    "Each dot is a trial, the star is the best.": "점 하나가 시행 하나이고, 별이 가장 좋은 시행이다.",
    "Each dot is a trial, the star is the best. Grey dots were trained with a lower budget.": (
        "점 하나가 시행 하나이고, 별이 가장 좋은 시행이다. 회색 점은 더 낮은 예산으로 훈련했다."
    ),
    "A line is a trial, through its hyperparameters to its value. The better, the stronger; the best is orange.": (
        "선 하나가 시행 하나이고, 하이퍼파라미터를 지나 값에 이른다. 좋은 시행일수록 진하고, 가장 좋은 시행은 주황색이다."
    ),
    "The best first.": "가장 좋은 시행부터 적는다.",
    "The best first. `to_frame` and `hpt-lab export` have all of them.": (
        "가장 좋은 시행부터 적는다. 모든 시행은 `to_frame` 또는 `hpt-lab export`로 볼 수 있다."
    ),
    # the tables
    "trial": "시행",
    "state": "상태",
    "complete": "완료",
    "running": "진행 중",
    "budget": "예산",
    "seconds": "초",
    "complete trials": "끝난 시행",
    "error": "오류",
    "numbers": "번호",
    "hyperparameter": "하이퍼파라미터",
    "type": "유형",
    "values": "값",
    "only where": "조건",
    "{low} to {high}": "{low}부터 {high}까지",
    "{low} to {high}, log": "{low}부터 {high}까지, 로그 스케일",
    "{low} to {high}, step {step}": "{low}부터 {high}까지, 간격 {step}",
    "{low} to {high}, log, step {step}": "{low}부터 {high}까지, 로그 스케일, {step}배씩",
    "{parent} is {values}": "{parent} = {values}",
    " or ": " 또는 ",
    " and ": ", 그리고 ",
    # the figures
    "There are no figures of the values, since {value} is among them.": (
        "값의 그림은 없다. 축에 담을 수 없는 수가 있다: {value}."
    ),
    "The value of each of {n} trials, and the best so far: {best} at the end.": (
        "시행 {n}번의 값과 그때까지 가장 좋은 값. 끝에는 {best}."
    ),
    "The best value so far over the time: {best} after {time}.": "시간에 따른, 그때까지 가장 좋은 값. {time} 뒤에는 {best}.",
    "Each complete trial as a line through its {n} hyperparameters and its value; the best trial is in front.": (
        "끝난 시행마다 하이퍼파라미터 {n}개와 값을 지나는 선 하나. 가장 좋은 시행이 맨 앞에 있다."
    ),
    "Share of the variance that each hyperparameter explains: {shares}; together {rest:.0%}.": (
        "하이퍼파라미터마다 설명하는 분산의 몫: {shares}. 여럿이 함께 {rest:.0%}."
    ),
    "Values of {n} trials against {name}.": "{name}에 따른 시행 {n}번의 값.",
    "Values of {n} trials against {name}. The best trial has {value}.": (
        "{name}에 따른 시행 {n}번의 값. 가장 좋은 시행에서는 {value}."
    ),
    "The value after each unit of budget, of {n} trials; the best in front.": (
        "예산을 한 단위 쓸 때마다 나온 시행 {n}번의 값. 가장 좋은 시행이 맨 앞에 있다."
    ),
    "budget spent": "쓴 예산",
    "budget spent ({kept} of {n} trials)": "쓴 예산(시행 {n}번 가운데 {kept}번)",
    "one line a trial": "선 하나가 시행 하나",
    "{kept} of {n} trials": "시행 {n}번 가운데 {kept}번",
    "best so far": "현재 최선",
    "× failed": "× 실패",
    "value (each trial a dot)": "값(점 하나가 시행 하나)",
    "days since the first trial was asked for": "첫 시행을 요청한 뒤로 지난 날",
    "hours since the first trial was asked for": "첫 시행을 요청한 뒤로 지난 시간",
    "minutes since the first trial was asked for": "첫 시행을 요청한 뒤로 지난 분",
    "seconds since the first trial was asked for": "첫 시행을 요청한 뒤로 지난 초",
    "share of the variance (whisker: ± 1 s.d.)": "분산의 몫(수염: ± 1 표준 편차)",
    "together": "함께",
}
MESSAGES = {"ko": KOREAN}
LANGUAGES = ("en", *MESSAGES)
FONTS = {  # for what matplotlib's own letters lack: of each system one
    "ko": ("Malgun Gothic", "Apple SD Gothic Neo", "AppleGothic", "Noto Sans CJK KR", "Noto Sans KR", "NanumGothic")
}


def say(language: str) -> Say:
    """What says a message in a language: `say("ko")("{n} failed", n=3)`.

    Raises TypeError or ValueError if the language is none of `LANGUAGES`.
    """
    if one_of("report: language", language, LANGUAGES) == "en":
        return str.format
    messages = MESSAGES[language]
    return lambda message, **values: messages[message].format(**values)
