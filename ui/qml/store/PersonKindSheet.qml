import QtQuick
import Kiosk
import "../components"

/* Staff become a customer, a customer staff: what that does to the counts. */
Sheet {
    id: sheet
    objectName: "PersonKindSheet"

    readonly property string way: Person.isStaff ? "store.kind.to_customer" : "store.kind.to_staff"

    title: I18n.t(way + ".title", { name: Person.name })
    onDismissed: StoreNavigator.closeSheet()

    Words {
        width: parent.width
        color: Theme.text2
        text: I18n.t(sheet.way + ".text")
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "kind.confirm"
        width: parent.width
        height: 112
        kind: "primary"
        text: I18n.t(Person.isStaff ? "store.person.to_customer" : "store.person.to_staff")
        onClicked: {
            StoreNavigator.closeSheet();
            Person.turnKind();
        }
    }
    KioskButton {
        objectName: "kind.cancel"
        width: parent.width
        height: 96
        focus: true
        text: I18n.t("common.cancel")
        onClicked: StoreNavigator.closeSheet()
    }
}
