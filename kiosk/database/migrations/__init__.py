"""The migrations, oldest first in `versions/`; run by `kiosk.database.migrate`."""
