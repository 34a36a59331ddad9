"""A kiosk in one sealed file: the format, apart from the commands that make one and put one back."""
