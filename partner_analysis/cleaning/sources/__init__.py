"""Referral-source texts to the partners that they name."""
