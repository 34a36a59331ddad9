import QtQuick
import Kiosk
import "../components"

/* An order code typed on the sheet; the kiosk opens the order or says that it does not know it. */
Sheet {
    id: sheet
    objectName: "OrderSheet"
    property string code: ""

    title: I18n.t("manual.order")
    onDismissed: Navigator.closeSheet()
    Keys.onPressed: event => {
        if (event.key === Qt.Key_Backspace)
            code = code.slice(0, -1);
        else if (/^[A-Za-z0-9-]$/.test(event.text) && code.length < 10)
            code += event.text.toUpperCase();
        else
            return;
        event.accepted = true;
    }

    EntryField {
        width: parent.width
        text: sheet.code
        hint: "K7-4Q2M"
        onCleared: sheet.code = ""
    }
    NoticeLine { width: parent.width; visible: Session.noticeText !== "" }
    Keyboard {
        width: parent.width
        kind: "code"
        canConfirm: sheet.code.length > 3
        confirmText: I18n.t("common.ok")
        onTyped: letter => sheet.code = (sheet.code + letter).slice(0, 10)
        onErased: sheet.code = sheet.code.slice(0, -1)
        onConfirmed: Session.openOrder(sheet.code)
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
