"""Would an estimate survive a doubter: checks, other answers, bounds, a grade."""
