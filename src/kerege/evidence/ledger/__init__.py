"""The hash-chained ledger of the privacy budget."""
