"""What lies on a disk, unreadable without the secrets of its machine."""
