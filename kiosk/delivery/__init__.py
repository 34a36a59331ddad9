"""Getting photos to the buyer: phone link on the local network."""
