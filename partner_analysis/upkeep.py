"""What a practice says of runs that nobody watches: how long reports are kept, whom to tell."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from partner_analysis.columns import Days, Frozen, Line

ADDRESS: Final = re.compile(r"[^\s@,;:<>\"'-][^\s@,;:<>\"']*@[^\s@,;:<>\"']+")
Many = Annotated[int, Field(ge=1, le=10_000)]


def _are_addresses(value: str) -> str:
    """One mail address, or several with commas between."""
    if not all(ADDRESS.fullmatch(each.strip()) for each in value.split(",")):
        raise ValueError("write a mail address, or several with a comma between")
    return value


class ReportsKept(Frozen):
    """How long reports are kept: one goes when it is neither among the newest nor young.

    ``keep`` is how many of the newest stay whatever their age; ``keep_days`` how many days of
    data before the newest an older one stays.
    """

    keep: Many = 60
    keep_days: Days = 400


class Notify(Frozen):
    """Whom to tell after a run: a command that reads the summary, or local mail.

    ``on`` is when: after every run, after one that failed, or after one that failed or
    published something new.
    """

    on: Literal["always", "failure", "change"] = "failure"
    command: Annotated[tuple[str, ...], Field(min_length=1, strict=False)] | None = None
    mail: Annotated[Line, AfterValidator(_are_addresses)] | None = None

    @model_validator(mode="after")
    def _tells_somebody(self) -> Notify:
        if self.command is None and self.mail is None:
            raise ValueError("nobody would be told; add command or mail, or leave [notify] out")
        return self
