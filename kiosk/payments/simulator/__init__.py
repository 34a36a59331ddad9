"""A PayNoi that needs no account: a real HTTP server with its contract, and faults on demand."""

from kiosk.payments.simulator.server import PayNoiSimulator, serve

__all__ = ["PayNoiSimulator", "serve"]
