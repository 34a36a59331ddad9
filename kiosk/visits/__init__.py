"""Store mode: streams, people who agreed to be known, visits, reports, retention."""
