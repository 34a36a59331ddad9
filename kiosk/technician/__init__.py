"""Setting a kiosk up and seeing why: settings as forms, self-test, flight recorder, support bundle."""
