"""The kiosk without a screen: everything here runs without Qt."""

__version__ = "0.1.0"
