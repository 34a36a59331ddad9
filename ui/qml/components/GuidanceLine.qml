import QtQuick
import Kiosk

/* One instruction. */
Words {
    role: Theme.isPortrait ? "h1" : "h2"
    weight: Font.DemiBold
    text: I18n.t(Capture.guidanceKey)
    Accessible.role: Accessible.AlertMessage
}
