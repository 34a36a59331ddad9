"""Who gets what of each sale: the split, payouts, the closing of a day."""
