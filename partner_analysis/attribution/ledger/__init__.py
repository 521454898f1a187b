"""What a partnership cost, what that bought, and what each side gives. Providers are not priced."""
