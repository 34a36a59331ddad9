"""What systemd is told of a service: ready, alive, how it stands (the protocol of sd_notify(3))."""

from __future__ import annotations

import os
import socket

VARIABLE = "NOTIFY_SOCKET"


class ServiceNotes:
    """Sends datagrams to the socket that systemd names; where there is none, does nothing."""

    def __init__(self, address: str | None = None) -> None:
        found = os.environ.get(VARIABLE, "") if address is None else address
        # A name that begins with @ is of Linux's abstract space.
        self._address = "\0" + found[1:] if found.startswith("@") else found
        self._is_ready = False
        self._status = ""

    def ready(self) -> None:
        """The service is up; told once."""
        if not self._is_ready:
            self._is_ready = True
            self._send("READY=1")

    def alive(self) -> None:
        """The watchdog's ping: `WatchdogSec` without one ends the service."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        if text != self._status:
            self._status = text
            self._send(f"STATUS={text}")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notes:
                notes.settimeout(1.0)
                notes.sendto(message.encode(), self._address)
        except OSError:
            return  # nothing depends on it but the watchdog, which then does its work
