"""Measures the central service and the kiosks around it, and lets the network flap.

What is measured are real processes on this machine; each figure stands beside its floor of the same run.
"""
