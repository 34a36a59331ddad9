"""The reference central service: one truth for many kiosks, on engines that exist."""
