import QtQuick
import Kiosk
import "../components"

/* Staff or a customer: what each means. */
Sheet {
    id: sheet
    objectName: "PeopleAddSheet"
    title: I18n.t("store.add.title")
    onDismissed: StoreNavigator.closeSheet()

    function ask(kind: string) {
        Enrolment.ask(kind);
        StoreNavigator.go("enrol");
    }

    WayRow {
        objectName: "add.customer"
        width: parent.width
        focus: true
        iconName: "user"
        text: I18n.t("store.add.customer")
        hint: I18n.t("store.add.customer.hint")
        background: Rectangle { radius: Theme.radiusCard; color: Theme.s2 }
        onClicked: sheet.ask("customer")
    }
    WayRow {
        objectName: "add.staff"
        width: parent.width
        iconName: "users"
        text: I18n.t("store.add.staff")
        hint: I18n.t("store.add.staff.hint")
        background: Rectangle { radius: Theme.radiusCard; color: Theme.s2 }
        onClicked: sheet.ask("staff")
    }
    KioskButton {
        objectName: "add.cancel"
        width: parent.width
        height: 88
        kind: "quiet"
        role: "body"
        text: I18n.t("common.cancel")
        onClicked: StoreNavigator.closeSheet()
    }
}
