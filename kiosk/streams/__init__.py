"""The cameras of a shop: frames watched, faces followed and recognised, each stream kept alive."""
