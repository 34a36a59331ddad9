"""Updates: signed packages, fetched or brought, applied by root while nobody is there, and taken back."""
