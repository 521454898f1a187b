"""Whether an executed notebook shows every picture that its cells ask for.

A kernel that has lost its connection to the drawing library runs every cell without a complaint
and shows nothing, so the pictures are counted. Cells ask for one with ``show(...)`` as a statement
of its own, ``pa.show`` and ``plt.show`` alike.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager


def shortfall(cells: Iterable[Mapping[str, Any]]) -> str:
    """Sentence on what the cells should have shown and did not; empty where nothing is missing.

    Parameters
    ----------
    cells
        Of the executed notebook: ``cell_type``, ``source``, ``outputs``, ``execution_count``.
    """
    code = [cell for cell in cells if cell["cell_type"] == "code" and cell["source"].strip()]
    if any(cell["execution_count"] is None for cell in code):
        return "It stopped before its last cell."
    asked = [_asked(cell["source"]) for cell in code]
    shown = [_shown(cell["outputs"]) for cell in code]
    missing = sum(max(0, a - s) for a, s in zip(asked, shown, strict=True))
    if missing:
        return f"{missing} of its {sum(asked)} pictures {'is' if missing == 1 else 'are'} missing."
    return ""


def _asked(source: str) -> int:
    """How many pictures a cell asks for, outside loops and conditions."""
    try:
        statements = ast.parse(TransformerManager().transform_cell(source)).body
    except SyntaxError:
        return 0
    calls = [
        statement.value.func
        for statement in statements
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    ]
    return sum(getattr(call, "attr", getattr(call, "id", "")) == "show" for call in calls)


def _shown(outputs: Iterable[Mapping[str, Any]]) -> int:
    """How many outputs are pictures, or say that there is nothing to see."""
    return sum(_is_picture(output.get("data", {})) for output in outputs)


def _is_picture(bundle: Mapping[str, Any]) -> bool:
    html = bundle.get("text/html")
    drawn = html is not None and (html == "" or "<img" in html or "<svg" in html)
    return drawn or any(kind.startswith("image/") for kind in bundle)
