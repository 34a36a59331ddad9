"""Packages of the kiosk: one file that a technician installs, made from the lock of what ships.

`python3 -m installer package deb` makes the Debian package; `contents` says what is in it and what is not.
"""
