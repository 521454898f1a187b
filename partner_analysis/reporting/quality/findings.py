"""What may be wrong with the exports of a practice, one finding each, and whom it threatens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from partner_analysis.attribution.missing import missing_periods
from partner_analysis.faults import call_settings
from partner_analysis.fields import so_many
from partner_analysis.reporting.counted import CountedStudy
from partner_analysis.reporting.numbers import count_text, day_text, list_text, month_text
from partner_analysis.reporting.overview import completeness_sentence, late_rows
from partner_analysis.reporting.quality.around import near_start

FIT, CARE, NOT_FIT = "fit", "fit with care", "not fit"
LEVELS: Final = (FIT, CARE, NOT_FIT)
EVERYWHERE: Final = ("*",)
UNREAD_CARE, UNREAD_NOT_FIT = 0.02, 0.10
DOUBLES_CARE: Final = 0.01
UNCLEAR_CARE: Final = 0.20
OVERCOUNT_CARE: Final = 0.10
NOT_LOST: Final = ("no referral or visit of this patient", "deleted in the system")
NO_THREAT: Final = "Nothing here speaks against the estimates."


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at in the exports.

    Attributes
    ----------
    topic
        What was looked at, in a word or two.
    level
        "fit", "fit with care" or "not fit".
    sentence
        What was found, and whether it threatens the estimates.
    partnerships
        Ids of those it touches; ``EVERYWHERE`` for all; empty where it threatens none.
    """

    topic: str
    level: str
    sentence: str
    partnerships: tuple[str, ...] = ()


def rows_finding(study: CountedStudy) -> Finding:
    """Whether enough rows could be read, and whether the files' own totals agree."""
    cleaned = study.cleaned
    raw = int(cleaned.row_account["raw_rows"].sum())
    unread = len(cleaned.rejected) - late_rows(cleaned.rejected)
    unread -= int(cleaned.rejected["reason"].isin(NOT_LOST).sum())
    share = unread / max(raw, 1)
    said = [f"{unread:,} of {count_text(raw, 'row')} could not be read."]
    odd = cleaned.totals.loc[~cleaned.totals["agrees"].astype("bool")]
    if len(odd):
        one = odd.iloc[0]
        said.append(
            f"{count_text(len(odd), 'total')} that the files state "
            f"{'differs' if len(odd) == 1 else 'differ'} from the rows above (first: {one['file']} "
            f"line {one['line']} states {int(one['stated']):,}, with "
            f"{int(one['counted']):,} read): rows may have been lost in the export."
        )
    elif len(cleaned.totals):
        number = len(cleaned.totals)
        agree = f"All {number:,} totals that the files state agree"
        said.append(f"{agree if number > 1 else 'The one total that the files state agrees'}.")
    level = NOT_FIT if share > UNREAD_NOT_FIT else CARE if share > UNREAD_CARE or len(odd) else FIT
    said.append(
        {
            FIT: NO_THREAT,
            CARE: "If rows are not lost evenly, estimates shift: mend them first.",
            NOT_FIT: "So many lost rows can make or hide an effect: mend them first.",
        }[level]
    )
    return Finding("rows", level, " ".join(said), () if level == FIT else EVERYWHERE)


def doubles_finding(study: CountedStudy) -> Finding:
    """Whether rows were imported twice, or patients stand under two numbers."""
    cleaned = study.cleaned
    again = int(cleaned.row_account["superseded"].sum())
    rows = count_text(again, "row").capitalize()
    said = [f"{rows} stood twice or had a newer copy and counted once."]
    alike, patients = (
        cleaned.alike_patients,
        cleaned.episodes.get("patient_key", pd.Series()).nunique(),
    )
    share = alike / max(patients, 1)
    if not study.practice.has_episodes:
        return Finding("double imports", FIT, f"{said[0]} {NO_THREAT}")
    if alike:
        said.append(
            f"{count_text(alike, 'patient number')} {'shares' if alike == 1 else 'share'} name and "
            "birth date with another: the same person may be counted as new twice."
        )
    if share > DOUBLES_CARE:
        said.append("List them as merged patients (profile merged-patients); until then, care.")
        return Finding("double imports", CARE, " ".join(said), EVERYWHERE)
    return Finding("double imports", FIT, " ".join([*said, NO_THREAT]))


def gaps_finding(study: CountedStudy) -> Finding:
    """Whether periods seem to be missing from a clinic's data."""
    gaps = missing_periods(study.counts)
    word = study.cleaned.period
    if gaps.empty:
        said = (
            f"No clinic is without patients for longer than luck explains. Rows missing here and "
            f"there in a {word} cannot be seen so."
        )
        return Finding("gaps", FIT, said)
    first = gaps.iloc[0]
    said = (
        f"{count_text(len(gaps), word)} at {count_text(gaps['clinic'].nunique(), 'clinic')} "
        f"{'has' if len(gaps) == 1 else 'have'} no new patient where "
        f"about {first['usual']:.0f} are usual (first: {first['clinic']}, "
        f"{day_text(first['period'])}): rows of that time may not have been exported. "
    )
    threat = "A hole looks like an effect, there or by comparison: export again, or declare it."
    return Finding("gaps", CARE, said + threat, EVERYWHERE)


def completeness_finding(study: CountedStudy) -> Finding:
    """Whether the last periods that are counted are complete."""
    delay, stated = study.cleaned.entry_delay, study.complete_days
    said = completeness_sentence(study.counts_so_far, complete_until=study.complete_until)
    if delay is None:
        return Finding(
            "last weeks",
            FIT,
            f"{said} How late evaluations are entered cannot be told from the exports; "
            f"{so_many(stated, 'day', 'are allowed')} for it.",
        )
    allowed = f"{stated} {'is' if stated == 1 else 'are'} allowed"
    found = f"98 of 100 evaluations are entered within {count_text(delay, 'day')}"
    if delay <= stated:
        return Finding("last weeks", FIT, f"{said} {found}; {allowed}. {NO_THREAT}")
    threat = (
        f"{found}, and only {allowed}: the last {study.cleaned.period}s are counted too "
        f'low. Set complete_days = {delay}, or "estimated", in practice.toml.'
    )
    return Finding("last weeks", CARE, f"{said} {threat}", EVERYWHERE)


def history_finding(study: CountedStudy) -> Finding:
    """Whether patients seen before the data begin pass for new in their first months."""
    if study.practice.definitions.new_patient not in ("first evaluation", "first visit"):
        return Finding("look-back", FIT, f"Every episode counts, new or not. {NO_THREAT}")
    table = study.history
    if table.empty:
        said = (
            "The data are too short to see who had been there before they begin: in their first "
            "months some of those counted as new will have been."
        )
        return Finding("look-back", CARE, said, _within(study, months=18))
    first = table.loc[table["months"] <= 6, "overcount"].mean()
    small = table.loc[table["overcount"] <= OVERCOUNT_CARE / 2, "months"]
    months = int(small.min()) if len(small) else int(table["months"].max())
    most = float(table.loc[table["months"] >= months, "overcount"].max())
    said = (
        f"In the first six months of the data at least {100 * first:.0f}% of those counted as new "
        f"will have been there before; after {count_text(months, 'month')} at least "
        f"{100 * most:.0f}%. Who returned after longer than the data reach is not seen."
    )
    if first <= OVERCOUNT_CARE:
        return Finding("look-back", FIT, said)
    touched = _within(study, months=months + 12)
    threat = "The past looks better than it was, and an effect smaller: export an earlier year too."
    return Finding("look-back", CARE, f"{said} {threat}", touched)


def labels_finding(study: CountedStudy) -> Finding:
    """Whether source texts wait for a decision."""
    capture = study.capture[["new_patients", "nothing_written", "not_understood"]].sum()
    written = int(capture["new_patients"] - capture["nothing_written"])
    unclear = int(capture["not_understood"])
    texts = len(study.cleaned.unmatched)
    if not texts:
        return Finding("source texts", FIT, f"Every source text is understood. {NO_THREAT}")
    said = (
        f"{count_text(texts, 'source text')} {'waits' if texts == 1 else 'wait'} for a decision; "
        f"{unclear:,} of {count_text(written, 'new patient')} whose source was written down "
        f"{'has' if unclear == 1 else 'have'} one. `partner-analysis review practice.toml` asks."
    )
    if unclear > UNCLEAR_CARE * written:
        return Finding("source texts", CARE, f"{said} {ONLY_NAMED}", EVERYWHERE)
    return Finding("source texts", FIT, f"{said} {ONLY_NAMED}")


def recording_finding(study: CountedStudy) -> Finding:
    """Whether the way sources are written down changed, seen or declared."""
    shifts = study.shifts
    declared = study.practice.events_table
    declared = declared.loc[declared["kind"] == "recording"]
    touched = near_start(study, [*zip(shifts["clinic"], shifts["month"], strict=True)])
    said = [
        f"{row.clinic}, {month_text(row.month)}: the share {WHAT[row.what]} went from "
        f"{100 * row.before:.0f}% to {100 * row.after:.0f}%."
        for row in shifts.head(3).itertuples()
    ]
    if len(shifts) > len(said):
        said.append(f"{len(shifts) - 3} more in the table.")
    for row in declared.itertuples():
        said.append(f"Declared: {row.label}, {day_text(row.start_date)}.")
        places = row.clinics or tuple(study.cleaned.clinics["clinic"])
        touched = {*touched, *near_start(study, [(place, row.start_date) for place in places])}
    if not said:
        quiet = "What is written down about sources changed nowhere by more than luck."
        return Finding("recording", FIT, f"{quiet} {NO_THREAT}")
    if not touched:
        return Finding("recording", FIT, " ".join([*said, "No partnership began near it."]))
    names = list_text([study.names[key] for key in sorted(touched)])
    said.append(f"It happened within three months of the start of {names}. {ONLY_NAMED}")
    return Finding("recording", CARE, " ".join(said), tuple(sorted(touched)))


def register_finding(study: CountedStudy) -> Finding:
    """Whether every entry of the register can be used."""
    faults = study.cleaned.register_faults
    wrong = tuple(dict.fromkeys(faults["partnership_id"]))
    if not wrong:
        return Finding("register", FIT, f"Every entry of the register can be used. {NO_THREAT}")
    said = f"{count_text(len(wrong), 'entry')} of the register cannot be used as it is."
    return Finding("register", NOT_FIT, said, wrong)


def _within(study: CountedStudy, *, months: int) -> tuple[str, ...]:
    """Partnerships that began within so many months of the first day of the data."""
    first = study.counts["period"].min()
    starts = study.partnerships.groupby("partnership_id")["start_date"].min()
    return tuple(starts.index[starts <= first + pd.DateOffset(months=months)])


WHAT: Final = {"written down": "with a source written down", "understood": "understood"}
ONLY_NAMED: Final = (
    "It changes how many name a partner, not how many come: trust the estimate before the named."
)


TOPICS: Final[dict[str, Callable[[CountedStudy], Finding]]] = {
    "rows": rows_finding,
    "double imports": doubles_finding,
    "gaps": gaps_finding,
    "last weeks": completeness_finding,
    "register": register_finding,
    "look-back": history_finding,
    "source texts": labels_finding,
    "recording": recording_finding,
}
OF_PATIENTS: Final = ("look-back", "source texts", "recording")


def list_findings(study: CountedStudy) -> tuple[Finding, ...]:
    """All findings about the exports of a practice, in the order in which a row is read."""
    asked = [
        find
        for topic, find in TOPICS.items()
        if study.practice.has_episodes or topic not in OF_PATIENTS
    ]
    found = (find(study) for find in asked)
    path = study.practice.path
    return tuple(replace(one, sentence=call_settings(one.sentence, path)) for one in found)
