"""A PayNoi that needs no account: a real HTTP server with its contract, and faults on demand."""

from kiosk.payments.simulator.server import DEFAULT_API_KEY, PayNoiSimulator, serve

__all__ = ["DEFAULT_API_KEY", "PayNoiSimulator", "serve"]
