import QtQuick
import Kiosk
import "../components"

/* Whether face numbers are kept to look out for new photos: asked apart, and nothing chosen beforehand. Yes asks
   where news are to go; no deletes the face now. */
Sheet {
    id: sheet
    objectName: "KeepSheet"
    property bool isAsking: false

    title: I18n.t(isAsking ? "keep.by" : "keep.title")
    onDismissed: Navigator.closeSheet()

    function keepBy(isMail: bool) {
        if (isMail) {
            Navigator.openSheet("KeepMailSheet");
            return;
        }
        Delivery.keepByLine();
        Navigator.openSheet("LineSheet");
    }

    Words {
        visible: !sheet.isAsking
        width: parent.width
        text: I18n.t("keep.text", { date: Delivery.keepDate })
    }
    Words {
        visible: !sheet.isAsking
        width: parent.width
        color: Theme.text2
        text: I18n.t("deliver.new")
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "keep.yes"
        visible: !sheet.isAsking
        width: parent.width
        height: 112
        role: "body"
        text: I18n.t("keep.yes")
        onClicked: Delivery.hasMail && Delivery.hasLine ? sheet.isAsking = true : sheet.keepBy(Delivery.hasMail)
    }
    KioskButton {
        objectName: "keep.no"
        visible: !sheet.isAsking
        width: parent.width
        height: 112
        role: "body"
        text: I18n.t("keep.no")
        onClicked: {
            Session.dropFace();
            Navigator.closeSheet();
        }
    }
    KioskButton {
        objectName: "keep.mail"
        visible: sheet.isAsking
        width: parent.width
        height: 112
        role: "body"
        iconName: "mail"
        text: I18n.t("keep.mail")
        onClicked: sheet.keepBy(true)
    }
    KioskButton {
        objectName: "keep.line"
        visible: sheet.isAsking
        width: parent.width
        height: 112
        role: "body"
        iconName: "message-square"
        text: I18n.t("keep.line")
        onClicked: sheet.keepBy(false)
    }
    KioskButton {
        objectName: "keep.cancel"
        width: parent.width
        height: 88
        kind: "quiet"
        role: "body"
        focus: true
        text: I18n.t("common.cancel")
        onClicked: Navigator.closeSheet()
    }
}
