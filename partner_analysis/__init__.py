"""Estimates whether a partnership brought patients who would not have come.

    import partner_analysis as pa

    effect = pa.estimate_effect(counts, partnerships, "harbor-run-shop")
    effect.per_month, effect.verdict

The public names stand in ``__init__.pyi``. They are loaded when first used, so that importing the
package is quick.
"""

from importlib.metadata import PackageNotFoundError, version

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

try:
    __version__ = version("partner-analysis")
except PackageNotFoundError:  # the sources are used without being installed
    __version__ = "0"
