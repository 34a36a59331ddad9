import QtQuick
import Kiosk
import "../components"

/* Before the program ends: what that means. */
Sheet {
    objectName: "CloseSheet"
    title: I18n.t("store.close.title")
    onDismissed: StoreNavigator.closeSheet()

    Words {
        width: parent.width
        color: Theme.text2
        text: I18n.t("store.close.text")
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "close.stay"
        width: parent.width
        height: 112
        focus: true
        kind: "primary"
        text: I18n.t("store.close.stay")
        onClicked: StoreNavigator.closeSheet()
    }
    KioskButton {
        objectName: "close.close"
        width: parent.width
        height: 96
        role: "body"
        text: I18n.t("store.close.close")
        onClicked: StoreNavigator.close()
    }
}
