"""What the pages draw from: QObjects with properties out of the newest SessionView, and slots that pass
commands on to the kiosk. One for each page or group of pages.

Conventions: a view model is a singleton of the QML module `Kiosk` (registered in ui/qml_module.py), takes
`(kiosk, translator, parent)`, has `show(view: SessionView)` that compares with what it showed before and
emits only what changed, and never raises on a part of the view that is None (a page may outlive it for a
moment).
Ids and amounts go to QML as they are (str, satang as int); dates as finished sentences.
"""
