"""Moves what changed between a kiosk and the centre: down by revision, up by message, each once."""
