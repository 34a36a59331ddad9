import QtQuick
import Kiosk
import "../components"

/* Without a bank app the staff take the payment. */
Sheet {
    objectName: "NoBankAppSheet"
    title: I18n.t("pay.no_app")
    onDismissed: Navigator.closeSheet()

    Words {
        width: parent.width
        color: Theme.text2
        text: I18n.t("pay.no_app.text")
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
