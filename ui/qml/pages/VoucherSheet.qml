import QtQuick
import Kiosk
import "../components"

/* A voucher's code; the kiosk uses it, or says in a sentence why it cannot be used. */
Sheet {
    id: sheet
    objectName: "VoucherSheet"
    property string code: ""
    readonly property bool isApplied: Basket.voucherCode !== ""

    title: I18n.t("basket.voucher.prompt")
    onDismissed: Navigator.closeSheet()
    onIsAppliedChanged: if (isApplied) Navigator.closeSheet()
    Keys.onPressed: event => {
        if (event.key === Qt.Key_Backspace)
            code = code.slice(0, -1);
        else if (/^[A-Za-z0-9-]$/.test(event.text) && code.length < 20)
            code += event.text.toUpperCase();
        else
            return;
        event.accepted = true;
    }

    EntryField {
        width: parent.width
        text: sheet.code
        onCleared: sheet.code = ""
    }
    NoticeLine { width: parent.width }
    Keyboard {
        width: parent.width
        kind: "code"
        canConfirm: sheet.code.length > 1
        confirmText: I18n.t("common.ok")
        onTyped: letter => sheet.code = (sheet.code + letter).slice(0, 20)
        onErased: sheet.code = sheet.code.slice(0, -1)
        onConfirmed: Basket.applyVoucher(sheet.code)
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
