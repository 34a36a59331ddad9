"""The people behind the kiosk: who they are, what they may do, what waits for them, and what they did."""
