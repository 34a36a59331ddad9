import QtQuick
import Kiosk
import "../components"

/* What is held right now; deleting the face (asked once more); finishing. */
Sheet {
    id: sheet
    objectName: "MyDataSheet"
    property bool isAsking: false

    title: I18n.t("data.title")
    onDismissed: Navigator.closeSheet()

    StatusRow {
        width: parent.width
        role: "body"
        iconName: Session.holdsFace ? "scan-face" : "check"
        tone: Session.holdsFace ? Theme.text : Theme.ok
        ink: Theme.text
        text: I18n.t(Session.holdsFace ? "data.face" : "data.none")
    }
    StatusRow {
        visible: Session.orderCode !== ""
        width: parent.width
        role: "body"
        iconName: "credit-card"
        tone: Theme.text
        ink: Theme.text
        text: I18n.t("data.order", { code: Session.orderCode })
    }
    NoticeLine {
        width: parent.width
        visible: Session.noticeKey === "consent.withdraw.done"
    }
    Words {
        visible: sheet.isAsking && Session.holdsFace
        width: parent.width
        text: I18n.t("consent.withdraw.confirm")
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "myData.deleteFace"
        visible: Session.holdsFace
        width: parent.width
        height: 128
        iconName: "trash-2"
        kind: sheet.isAsking ? "primary" : "secondary"
        text: I18n.t("consent.withdraw.action")
        onClicked: {
            if (sheet.isAsking)
                Session.withdrawFace();
            else
                sheet.isAsking = true;
        }
    }
    KioskButton {
        objectName: "myData.finish"
        visible: !sheet.isAsking
        width: parent.width
        height: 128
        text: I18n.t("common.finish")
        onClicked: Navigator.openSheet("FinishSheet")
    }
    KioskButton {
        objectName: "myData.cancel"
        width: parent.width
        height: 96
        kind: "quiet"
        role: "body"
        focus: true
        text: I18n.t(sheet.isAsking ? "common.cancel" : "common.ok")
        onClicked: sheet.isAsking && Session.holdsFace ? sheet.isAsking = false : Navigator.closeSheet()
    }
}
