import QtQuick
import Kiosk
import "../components"

/* Before a camera is deleted: what goes, and what stays. */
Sheet {
    id: sheet
    objectName: "StreamDeleting"
    title: I18n.t("store.stream.delete.title", { name: Streams.name })

    Words { width: parent.width; text: I18n.t("store.stream.delete.goes") }
    Words { width: parent.width; color: Theme.text2; text: I18n.t("store.stream.delete.stays") }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "delete.keep"
        width: parent.width
        height: 112
        focus: true
        kind: "primary"
        text: I18n.t("store.stream.delete.keep")
        onClicked: sheet.dismissed()
    }
    KioskButton {
        objectName: "delete.confirm"
        width: parent.width
        height: 96
        role: "body"
        iconName: "trash-2"
        iconSize: 36
        isWaiting: Streams.isRemoving
        text: I18n.t("store.stream.delete.confirm")
        onClicked: Streams.remove()
    }
}
