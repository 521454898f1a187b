"""What pydantic finds wrong in practice.toml, in plain words that end in the next step."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

KINDS: Final = ("referrals", "visits", "patients", "counts", "tallies")
CURES: Final = {
    "string_type": "write it in quotes",
    "bool_type": "write true or false, without quotes",
    "int_type": "write a whole number, without quotes",
    "float_type": "write a number, without quotes",
    "literal_error": "{msg}",
    "greater_than_equal": "write a whole number from {ge}",
    "less_than_equal": "write a whole number up to {le}",
    "model_type": "write it as a section of its own, [{key}], with its keys below",
    "model_attributes_type": "write it as a section of its own, [{key}], with its keys below",
    "too_short": "name at least one, or leave the key out",
}
USUAL: Final = re.compile(r"(?<![\w./\\-])practice\.toml\b")
LISTS: Final = {"exports": "[[exports]]", "personas": "[[personas]]", "events": "[[events]]"}


def call_settings(text: str, path: str | Path) -> str:
    """The text in which the settings file has the name that it has here.

    Examples
    --------
    >>> call_settings("Correct date_format in practice.toml.", "clinics/north.toml")
    'Correct date_format in north.toml.'
    """
    return USUAL.sub(lambda _: Path(path).name, text)


def fault_in_words(fault: dict[str, Any], *, keys_of: Callable[[str], list[str]]) -> str:
    """One fault in words, with the key and what to write instead.

    Parameters
    ----------
    fault
        As pydantic lists it.
    keys_of
        The keys that a section takes, by its name.
    """
    loc, kind = fault["loc"], fault["type"]
    where = place(loc)
    if kind == "extra_forbidden":
        section = " ".join(str(part) for part in loc[:-1] if not isinstance(part, int))
        known = keys_of(section)
        near = difflib.get_close_matches(str(loc[-1]), known, n=1, cutoff=0.5)
        hint = f'Did you mean "{near[0]}"?' if near else f"It takes {', '.join(known)}."
        return f"{where} is not known. {hint}"
    if kind == "missing" and loc[0] == "exports" and "columns" in loc[:-1]:
        return (
            f"{where} is missing. Name its column under [exports.columns]; "
            "`partner-analysis map FILE` proposes one."
        )
    if kind == "missing":
        return f"{where} is missing. Add it."
    if kind == "union_tag_not_found":
        return f'{where}: kind is missing. Write a profile, or a kind such as "referrals".'
    if kind == "union_tag_invalid":
        near = difflib.get_close_matches(str(fault["ctx"]["tag"]), KINDS, n=1, cutoff=0.5)
        hint = f'Did you mean "{near[0]}"?' if near else f"It is one of {', '.join(KINDS)}."
        return f"{where}: kind is not known. {hint}"
    return f"{where}: {_cure(fault)}."


def _cure(fault: dict[str, Any]) -> str:
    """What to write instead of a value that cannot be used."""
    loc, kind = fault["loc"], fault["type"]
    message = re.sub(r"^(Value error|Input), ?", "", str(fault["msg"]))
    message = re.sub(r"^(Input|Tuple|String) should", "should", message)
    if loc[-1:] == ("level",):
        return "write a share between 0.5 and 1, such as 0.95 for 95%"
    if kind == "tuple_type":
        if loc[-1] in LISTS:
            return f"write {LISTS[loc[-1]]}, with two brackets, above each block"
        return 'write a list in brackets, such as ["N/A"]'
    known = {"msg": message, "key": loc[-1] if loc else "", **fault.get("ctx", {})}
    return CURES.get(kind, "{msg}").format_map(known)


def place(loc: tuple[str | int, ...]) -> str:
    """Where in the file a fault stands: ``[exports] no. 1 columns.patient``."""
    if not loc:
        return "the whole file"
    if len(loc) == 1:
        return f"[{loc[0]}]"
    words, key = [f"[{loc[0]}]"], []
    for part in loc[1:]:
        if isinstance(part, int):
            words.append(f"no. {part + 1}")
        elif part not in KINDS:
            key.append(part)
    return " ".join([*words, ".".join(key)]).strip()
