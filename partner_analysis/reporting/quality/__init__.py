"""How good the exports are: findings, tables and a verdict for each partnership."""
