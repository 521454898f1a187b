"""What notebooks show: sentences, tables and figures as HTML in which every text is escaped."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

import pandas as pd
from IPython.display import display as show_now

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.evidence import demand_text, luck_sentence, told_checks
from partner_analysis.reporting.figures import Drawing, alt_text, picture
from partner_analysis.reporting.html import (
    Shown,
    cell_text,
    cell_texts,
    html_table,
    is_numeric,
)
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    amount_text,
    count_text,
    day_text,
    interval_text,
    level_text,
    number_text,
)
from partner_analysis.reporting.phrases import (
    VERDICT_WORDS,
    expected_text,
    is_answered,
    percent_text,
    period_word,
    verdict_of,
)
from partner_analysis.reporting.standings import numbers_title
from partner_analysis.tables import ONE_PERSONA, Interval

if TYPE_CHECKING:
    from partner_analysis.practice import Practice

__all__ = [
    "Shown",
    "checks_table",
    "comparison_table",
    "effect_table",
    "interval_text",
    "made_up_banner",
    "record_table",
    "say",
    "show",
    "show_table",
]

FIGURE_STYLE: Final = (
    "<style>figure.pa-figure{margin:1em 0}figure.pa-figure img{width:100%;max-width:36rem}"
    "figure.pa-figure figcaption strong{display:block}</style>"
)
MOST_GROUPS: Final = 12
RESULT_WORDS: Final = {
    "pass": "no concern",
    "warn": "take care",
    "fail": "speaks against it",
    "not possible": "not possible",
}


def say(sentence: str | Sequence[str]) -> None:
    """Show a sentence as a paragraph, several as a list, at once; nothing where there is none."""
    if not sentence:
        return
    if not isinstance(sentence, str) and len(sentence) == 1:
        sentence = sentence[0]
    if isinstance(sentence, str):
        shown = Shown(f'<p class="pa-sentence">{_marked(sentence)}</p>', sentence)
    else:
        items = "".join(f"<li>{_marked(item)}</li>" for item in sentence)
        shown = Shown(f'<ul class="pa-list">{items}</ul>', "\n".join(f"- {s}" for s in sentence))
    show_now(shown)


def _marked(sentence: str) -> str:
    """The sentence escaped, with a command in backticks set as one."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(sentence))


def show(figure: Drawing) -> Shown:
    """Give a figure with its title as text above it, and its sentence for those who cannot see it.

    A figure in which there is nothing to see is left out.
    """
    sentence = alt_text(figure)
    if figure.is_blank:
        return Shown("", sentence)
    data = base64.b64encode(picture(figure)).decode("ascii")
    return Shown(
        f'{FIGURE_STYLE}<figure class="pa-figure"><figcaption><strong>{escape(figure.title)}'
        f"</strong> <span>{escape(figure.subtitle)}</span></figcaption>"
        f'<img alt="{escape(sentence, quote=True)}" src="data:image/png;base64,{data}"></figure>',
        f"{figure.title}\n{sentence}",
    )


def show_table(
    frame: pd.DataFrame, title: str = "", note: str = "", *, digits: Mapping[str, int] | None = None
) -> Shown:
    """Give a table with its title, numbers to the right, no index and no empty cell.

    Parameters
    ----------
    frame
        The rows; column names become headings ("new_patients" reads "new patients").
        ``Interval`` cells read "3.1 (0.8 to 5.4)", dates are ISO, missing is "unknown".
    title, note
        The finding above the table and the source below it.
    digits
        Decimals by column; otherwise none for whole numbers and one for others.
    """
    numeric = [is_numeric(frame[column]) for column in frame.columns]
    kinds = ["number" if is_number else "text" for is_number in numeric]
    heads = [str(column).replace("_", " ") for column in frame.columns]
    texts = [cell_texts(frame[c], digits=(digits or {}).get(str(c))) for c in frame.columns]
    rows = list(zip(*texts, strict=True))
    return html_table(heads, rows, kinds, title=title, note=note)


def made_up_banner(practice: Practice) -> Shown:
    """Give the red line that says that the data are made up; nothing for a real practice."""
    if not practice.made_up:
        return Shown("", "")
    words = "These data are made up. No patient, partner or clinic in this report exists."
    html = (
        "<style>p.pa-made-up{color:#a3140b;border:1px solid;padding:.5em .8em;font-weight:600}"
        f'</style><p class="pa-made-up" role="note">{words}</p>'
    )
    return Shown(html, words)


def effect_table(
    effect: Effect, standing: Standing | None = None, *, in_record: bool = False
) -> Shown:
    """Give the numbers of one effect: counted beside estimated.

    The numbers are those so far. A verdict without a number shows its words instead, except
    ``in_record``.
    """
    told = in_record or is_answered(effect)
    verdict = VERDICT_WORDS[verdict_of(effect)].lower()
    level = level_text(effect.level)

    def estimated(interval: Interval, digits: int) -> str:
        return interval_text(interval, digits) if told else verdict

    named = "not counted" if effect.named is None else number_text(effect.named, digits=0)
    rows = [
        ("New patients who came", amount_text(effect.observed), "counted"),
        (
            "New patients expected without the partnership",
            expected_text(effect) if told else verdict,
            "estimated",
        ),
        ("More or fewer than expected, in all", estimated(effect.total, 0), "estimated"),
        ("More or fewer than expected, a month", estimated(effect.per_month, 1), "estimated"),
        ("The same in percent of expected", percent_text(effect) if told else verdict, "estimated"),
        ("New patients who named the partner", named, "counted"),
    ]
    if told and effect.at_least:
        rows.insert(
            5, ("The same for demand, had there been room", demand_text(effect), "estimated")
        )
    heads = ["what", f"number ({level} interval)" if told else "number", "how we know"]
    return html_table(
        heads,
        rows,
        ("text", "number", "text"),
        title=numbers_title(effect, standing),
        note=f"{_when(effect)} {luck_sentence(effect)}".strip(),
    )


def checks_table(effect: Effect, standing: Standing | None = None) -> Shown:
    """Give the checks of one effect: the question, what came out, the detail.

    Those of the answer read "too early" before the first review in ``standing``.
    """
    word = f"a {period_word(effect.periods)}"
    rows = [
        (
            row.question,
            RESULT_WORDS.get(row.result, row.result),
            row.detail.replace("a period", word) or NOT_APPLICABLE,
        )
        for row in told_checks(effect, standing).itertuples()
    ]
    doubts = sum(row[1] in (RESULT_WORDS["fail"], RESULT_WORDS["warn"]) for row in rows)
    verb = "asks" if doubts == 1 else "ask"
    title = f"{count_text(doubts, 'check')} of {len(rows)} {verb} for care with this number"
    if doubts == 0:
        title = "No check raised a concern" if rows else "No check was possible"
    return html_table(["question", "result", "detail"], rows, ("text",) * 3, title=title, note="")


def comparison_table(effect: Effect) -> Shown:
    """Give the comparison groups that the expected number rests on."""
    groups = effect.comparison.rename(columns={"persona": "kind_of_patient"})
    if groups.empty:
        return html_table(
            ["clinic"], [("none",)], ("text",), title="There is no comparison group", note=""
        )
    what = "(clinic and kind of patient)"
    if (groups["kind_of_patient"] == ONE_PERSONA).all():
        groups, what = groups.drop(columns="kind_of_patient"), "(clinic)"
    title = f"The expected number rests on {count_text(len(groups), 'comparison group')} {what}"
    note = "Groups that the partnership does not reach."
    if len(groups) > MOST_GROUPS:
        return show_table(_by_clinic(groups), title, note, digits={"new_patients": 0})
    word = f"{period_word(effect.periods)}s"
    return show_table(
        groups.rename(columns={"periods": word}),
        title,
        note,
        digits={word: 0, "new_patients": 0},
    )


def _by_clinic(groups: pd.DataFrame) -> pd.DataFrame:
    """One row per clinic, its kinds of patient in one cell."""
    if "kind_of_patient" not in groups:
        return groups[["clinic", "new_patients"]]
    together = groups.groupby("clinic", sort=False)
    return pd.DataFrame(
        {
            "kinds_of_patient": together["kind_of_patient"].agg(", ".join),
            "new_patients": together["new_patients"].sum(),
        }
    ).reset_index()


def record_table(record: Mapping[str, object], title: str = "The record of this run") -> Shown:
    """Give what a run was made from, one line for each thing."""
    rows = [(str(key).replace("_", " "), _record_text(value)) for key, value in record.items()]
    return html_table(["what", "value"], rows, ("text", "text"), title=title, note="")


def _record_text(value: object) -> str:
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:,.6g}"
    return cell_text(value, 0 if isinstance(value, int) else None)


def _when(effect: Effect) -> str:
    if pd.isna(effect.first_day):
        return ""
    return f"From {day_text(effect.first_day)} to {day_text(effect.last_day)}."
