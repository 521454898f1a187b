"""Made-up practices: exports as messy as real ones, and the effects that were planted in them."""

from partner_analysis.simulate.plan import SEED
from partner_analysis.simulate.practice import Simulated, simulate_practice, write_practice

__all__ = ["SEED", "Simulated", "simulate_practice", "write_practice"]
