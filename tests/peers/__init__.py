"""Real servers that tests start on this machine, each a context manager.

One that cannot be had here raises PeerMissingError on entering, and what needs it skips with the reason.
"""
