pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Asked before somebody is forgotten: what goes, where, and what stays counted. */
Sheet {
    id: sheet
    objectName: "ForgetSheet"
    title: I18n.t("store.forget.title", { name: Person.name })
    onDismissed: StoreNavigator.closeSheet()

    Words { width: parent.width; text: I18n.t("store.forget.goes") }
    Repeater {
        model: Person.goes
        StatusRow {
            required property string modelData
            width: sheet.innerWidth
            role: "body"
            iconName: "trash-2"
            ink: Theme.text
            text: modelData
        }
    }
    Words { width: parent.width; text: I18n.t("store.forget.stays") }
    StatusRow {
        width: parent.width
        role: "body"
        iconName: "hash"
        ink: Theme.text
        text: Person.stays
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "forget.confirm"
        width: parent.width
        height: 112
        kind: "primary"
        iconName: "trash-2"
        text: I18n.t("store.forget.confirm")
        onClicked: {
            StoreNavigator.closeSheet();
            Person.forget();
        }
    }
    KioskButton {
        objectName: "forget.cancel"
        width: parent.width
        height: 96
        focus: true
        text: I18n.t("common.cancel")
        onClicked: StoreNavigator.closeSheet()
    }
}
