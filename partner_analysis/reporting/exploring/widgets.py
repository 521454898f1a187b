"""Controls that change a view at once: the only door to ipywidgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any, Final

from IPython.display import display

from partner_analysis.reporting.display import checks_table, effect_table, say, show
from partner_analysis.reporting.exploring.saved import keep_view
from partner_analysis.reporting.exploring.view import (
    Choices,
    View,
    code_line,
    ends_of,
    names_in,
    offered,
    view_of,
    view_sentences,
)
from partner_analysis.reporting.figures import plot_effect
from partner_analysis.reporting.html import Shown
from partner_analysis.tables import InputError

if TYPE_CHECKING:
    from partner_analysis.reporting.study import Study

KEPT_VIEWS: Final = 64
LABELS: Final = {
    "partnership_id": "Partnership",
    "definition": "A new patient is",
    "personas": "Kinds of patient",
    "months": "Months used",
    "method": "Compared with",
}
METHOD_WORDS: Final = {
    "auto": "what serves best",
    "panel": "other groups",
    "series": "its own past",
}
WITHOUT_WIDGETS: Final = (
    "There are no controls here, since ipywidgets is not installed. "
    'Change the view by code: explorer.choose(method="series")'
)


class Explorer:
    """One practice with a view that changes as somebody chooses.

    Shown in a notebook, it has controls where ipywidgets is installed; ``choose`` does the same
    by code. Nothing that it does is written, except by ``keep``.

    Parameters
    ----------
    study
        The practice at one date.
    partnership_id
        Which partnership to begin with.
    """

    def __init__(self, study: Study, partnership_id: str) -> None:
        self.study = study
        self.choices = Choices(partnership_id)
        self._view: Callable[..., View] = lru_cache(KEPT_VIEWS)(self._estimate)

    def _estimate(self, choices: Choices, *, beside: bool = False) -> View:
        return view_of(self.study, **asdict(choices), beside=beside)

    @property
    def view(self) -> View:
        """What the present choices show, and what stands beside it."""
        return self._view(self.choices, beside=True)

    @property
    def code(self) -> Shown:
        """The line of code behind the present view."""
        line = code_line(self.choices)
        return Shown(f'<pre class="pa-code">{escape(line)}</pre>', line)

    def choose(self, **choices: str) -> Explorer:
        """The explorer with some choices changed; see ``Choices``."""
        wanted = replace(self.choices, **choices)
        self._view(wanted)
        self.choices = wanted
        return self

    def keep(self, name: str) -> str:
        """A sentence on the file that now keeps the choices for a run; empty: nothing is kept."""
        if not name:
            return "Nothing is kept: the view has no name yet."
        practice = self.study.practice
        path = keep_view(self.choices, practice, name=name)
        return (
            f"Kept as {path.name}. Its page: `partner-analysis run {practice.path.name} "
            f"--view {path.relative_to(practice.folder)}`"
        )

    def show(self) -> None:
        """Show what the present choices give: the answer, its picture, its numbers and checks."""
        view = self._view(self.choices)
        effect = view.effect
        declared = self._view(Choices(self.choices.partnership_id))
        say(view_sentences(view, declared.effect))
        display(show(plot_effect(effect)), effect_table(effect), checks_table(effect))

    def _ipython_display_(self) -> None:
        controls = _controls(self)
        if controls is None:
            say(WITHOUT_WIDGETS)
            self.show()
        else:
            display(controls)


def explore(study: Study, partnership_id: str) -> Explorer:
    """A view of one partnership that changes as somebody chooses; see ``Explorer``."""
    return Explorer(study, partnership_id)


def _controls(explorer: Explorer) -> Any:
    """Controls above the view that they change; None where ipywidgets is not installed."""
    try:
        import ipywidgets as widgets
    except ImportError:
        return None
    boxes = _boxes(explorer, widgets)
    output, line, told = widgets.Output(), widgets.HTML(), widgets.HTML()
    name = widgets.Text(placeholder="runners-since-may", description="Keep as")
    keep = widgets.Button(description="Keep for a run")

    def draw(*_: object) -> None:
        chosen = _chosen(boxes)
        output.clear_output(wait=True)
        with output:
            try:
                explorer.choose(**chosen).show()
            except InputError as error:
                say(str(error))
        line.value = explorer.code.html

    def kept(*_: object) -> None:
        try:
            told.value = escape(explorer.keep(name.value.strip()))
        except InputError as error:
            told.value = escape(str(error))

    for box in boxes.values():
        box.observe(draw, names="value")
    keep.on_click(kept)
    draw()
    columns = widgets.Layout(grid_template_columns="repeat(auto-fit, minmax(20rem, 1fr))")
    chosen = widgets.GridBox(list(boxes.values()), layout=columns)
    return widgets.VBox([chosen, output, line, widgets.HBox([name, keep]), told])


def _chosen(boxes: dict[str, Any]) -> dict[str, str]:
    """The choices as their controls stand."""
    chosen = {name: box.value for name, box in boxes.items()}
    months, all_months = boxes["months"].value, boxes["months"].options
    is_all = months == (all_months[0], all_months[-1])
    chosen["months"] = "" if is_all else " to ".join(months)
    return chosen | {"personas": "; ".join(chosen["personas"])}


def _boxes(explorer: Explorer, widgets: Any) -> dict[str, Any]:
    """One control for each choice, by its name."""
    there = offered(explorer.study)
    names = explorer.study.names
    options = {
        "partnership_id": [(names[key], key) for key in there["partnership_id"]],
        "definition": [("as declared", ""), *((name, name) for name in there["definition"])],
        "method": [(METHOD_WORDS[name], name) for name in there["method"]],
    }
    alike = {"style": {"description_width": "9em"}, "layout": widgets.Layout(width="97%")}
    boxes: dict[str, Any] = {
        name: widgets.Dropdown(
            options=given,
            value=getattr(explorer.choices, name),
            description=LABELS[name],
            **alike,
        )
        for name, given in options.items()
    }
    first, last = there["months"][0], there["months"][-1]
    boxes["months"] = widgets.SelectionRangeSlider(
        options=there["months"],
        value=ends_of(explorer.choices.months) or (first, last),
        continuous_update=False,
        description=LABELS["months"],
        **alike,
    )
    boxes["personas"] = widgets.SelectMultiple(
        options=there["personas"],
        value=names_in(explorer.choices.personas),
        rows=min(5, len(there["personas"])),
        description=LABELS["personas"],
        **alike,
    )
    return boxes
