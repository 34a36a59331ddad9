import QtQuick
import Kiosk
import "../components"

/* The only way out of the locked screen: the program starts anew, or ends. */
Sheet {
    id: sheet
    objectName: "EndSheet"
    title: I18n.t("tech.end.title")
    onDismissed: StaffNavigator.closeSheet()

    function end(restart: bool) {
        StaffNavigator.closeSheet();
        TechnicianSupport.end(restart);
    }

    Words {
        width: parent.width
        color: Theme.text2
        text: I18n.t("tech.end.text")
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "end.restart"
        width: parent.width
        height: 112
        focus: true
        kind: "primary"
        text: I18n.t("tech.end.restart")
        onClicked: sheet.end(true)
    }
    KioskButton {
        objectName: "end.end"
        width: parent.width
        height: 96
        role: "body"
        text: I18n.t("tech.end.end")
        onClicked: sheet.end(false)
    }
    Words {
        width: parent.width
        role: "small"
        color: Theme.text2
        text: I18n.t("tech.end.end_text")
    }
    KioskButton {
        objectName: "end.back"
        width: parent.width
        height: 80
        kind: "quiet"
        role: "body"
        text: I18n.t("common.back")
        onClicked: sheet.dismissed()
    }
}
