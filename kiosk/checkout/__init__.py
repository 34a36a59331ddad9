"""From a basket to a paid order and what is owed for it; nothing is charged twice."""
