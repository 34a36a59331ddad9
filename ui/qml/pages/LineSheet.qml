import QtQuick
import Kiosk
import "../components"

/* The code that opens a chat in the visitor's own LINE; the link comes there as the answer. */
Sheet {
    id: sheet
    objectName: "LineSheet"
    title: I18n.t("deliver.line")
    onDismissed: Navigator.closeSheet()

    Item {
        width: parent.width
        height: Math.max(qr.height, words.height)
        QrCard {
            id: qr
            wantedSide: Theme.lower ? 280 : 400
            text: Delivery.lineUrl
            label: I18n.t("deliver.line.scan")
        }
        Column {
            id: words
            x: qr.width + 40
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - x
            spacing: 16
            Words { width: parent.width; role: "title"; weight: Font.DemiBold; text: I18n.t("deliver.line.scan") }
            Words { width: parent.width; color: Theme.text2; text: I18n.t("deliver.line.text") }
            StatusRow {
                visible: Delivery.isLineSent
                width: parent.width
                role: "body"
                iconName: "check"
                tone: Theme.ok
                ink: Theme.text
                text: I18n.t("deliver.sent", { address: "LINE" })
            }
        }
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "line.close"
        width: parent.width
        height: 112
        focus: true
        text: I18n.t("common.ok")
        onClicked: Navigator.closeSheet()
    }
}
