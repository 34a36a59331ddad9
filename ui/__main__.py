"""`python -m ui` is the `kiosk` command."""

from ui.command import main

main()
