"""What keeps the program running: workers, logs, the crash log, health, one instance per data folder."""
