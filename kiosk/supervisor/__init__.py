"""The parent process of the screen: starts it, hears its heartbeat, starts it again, and calls staff."""
