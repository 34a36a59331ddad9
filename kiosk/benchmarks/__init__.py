"""What `kiosk bench` measures, each figure beside its floor."""
