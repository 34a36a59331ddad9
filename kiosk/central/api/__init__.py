"""The centre's HTTP interface: each module is one part of it, as a router over the centre."""
