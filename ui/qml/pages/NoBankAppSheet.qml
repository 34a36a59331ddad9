import QtQuick
import Kiosk
import "../components"

/* Without a bank app the staff take the payment; they find the order by its code. */
Sheet {
    objectName: "NoBankAppSheet"
    title: I18n.t("pay.no_app")
    onDismissed: Navigator.closeSheet()

    Words {
        width: parent.width
        color: Theme.text2
        text: I18n.t("pay.no_app.text")
    }
    StatusRow {
        visible: Payment.orderCode !== ""
        width: parent.width
        role: "body"
        iconName: "credit-card"
        tone: Theme.text
        ink: Theme.text
        text: I18n.t("deliver.code") + " " + Payment.orderCode
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "payment.askStaff"
        width: parent.width
        height: 128
        focus: true
        kind: "primary"
        iconName: "users"
        text: I18n.t("common.ask_staff")
        onClicked: {
            Navigator.closeSheet();
            Payment.askStaff();
        }
    }
    KioskButton {
        objectName: "cancel"
        width: parent.width
        height: 96
        kind: "quiet"
        role: "body"
        text: I18n.t("common.cancel")
        onClicked: Navigator.closeSheet()
    }
}
