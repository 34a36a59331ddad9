import QtQuick
import Kiosk
import "../components"

/* "Still here?" after 90 s. A touch outside is the safe choice: staying. */
Sheet {
    id: sheet
    objectName: "IdleSheet"
    title: I18n.t("idle.title")
    onDismissed: Session.keepAlive()

    Words {
        width: parent.width
        color: Theme.text2
        text: I18n.t("idle.text")
    }
    Words {
        objectName: "idle.paid"
        visible: Session.isPaid
        width: parent.width
        text: I18n.t("idle.paid", { code: Session.orderCode })
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "idle.stay"
        width: parent.width
        height: 128
        focus: true
        kind: "primary"
        text: I18n.t("idle.stay")
        onClicked: Session.keepAlive()
    }
    KioskButton {
        objectName: "idle.finish"
        width: parent.width
        height: 96
        kind: "quiet"
        role: "body"
        iconName: "shield-check"
        text: I18n.t("common.finish")
        onClicked: Session.finish()
    }
}
