"""Words and tables of what a partnership cost, what that bought, and what each side gives."""
