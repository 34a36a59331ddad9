"""Gateway port, PromptPay QR, PayNoi, staff confirmation, simulator, reconciliation."""
