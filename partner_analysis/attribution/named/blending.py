"""Effects of a practice's partnerships beside what patients named, combined where enough did."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.named.blend import NamedEvidence, blend
from partner_analysis.attribution.named.naming import count_named_when_inactive
from partner_analysis.attribution.panel import Panel
from partner_analysis.tables import ONE_PERSONA


def blend_effects(
    effects: dict[str, Effect], *, counts: pd.DataFrame, panel: Panel, named: pd.DataFrame
) -> dict[str, Effect]:
    """The same effects with ``blended`` filled where counts and named can be combined.

    Bundles are left out, since nobody names a bundle; so are partnerships for some personas
    where the named counts do not say which persona.
    """
    whole = set(named["persona"]) == {ONE_PERSONA} and len(panel.cells.personas) > 1
    by_id = panel.register.groupby("partnership_id")["personas"].agg(lambda each: any(each))
    usable = {
        key: effect
        for key, effect in effects.items()
        if effect.draws is not None and not effect.bundle and not (whole and by_id[key])
    }
    idle = count_named_when_inactive(counts, panel.register, named).set_index("partnership_id")
    evidence = [
        NamedEvidence(
            partnership_id=key,
            came=effect.draws[0],
            without=effect.draws[1],
            named=float(effect.named or 0.0),
            observed=effect.observed,
            could_name_patients=float(idle.loc[key, "could_name_patients"]),
            named_when_inactive=float(idle.loc[key, "named_when_inactive"]),
        )
        for key, effect in usable.items()
        if effect.draws is not None
    ]
    level = next(iter(effects.values())).level if effects else 0.95
    blended = blend(evidence, level=level)
    return {key: replace(effect, blended=blended.get(key)) for key, effect in effects.items()}
