"""The visitor's journey: states, transition table, what the screens show, time-outs."""
