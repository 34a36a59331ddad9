import QtQuick
import Kiosk
import "../components"

/* How many sheets there are now, as somebody counted them. */
StaffPadSheet {
    id: sheet
    objectName: "StaffCountSheet"
    title: StaffPrinters.countedTitle
    onDismissed: StaffNavigator.closeSheet()

    words: [
        StaffWords { width: parent.width; size: 26; color: Theme.text2; text: I18n.t("staff.count.text") }
    ]
    pad: [
        StaffAmount {
            id: entry
            width: parent.width
            focus: true
            isMoney: false
            most: 5
            hint: I18n.t("staff.count.hint")
        }
    ]
    buttons: [
        KioskButton {
            objectName: "count.confirm"
            width: parent.width
            height: 104
            kind: "primary"
            role: "title"
            textScale: 0.9
            reason: entry.text === "" ? I18n.t("staff.count.none") : ""
            text: I18n.counted("staff.count.confirm", Number(entry.text))
            onClicked: {
                StaffNavigator.closeSheet();
                StaffPrinters.count(Number(entry.text));
            }
        },
        KioskButton {
            objectName: "count.cancel"
            width: parent.width
            height: 88
            kind: "quiet"
            role: "small"
            textScale: 1
            text: I18n.t("common.cancel")
            onClicked: StaffNavigator.closeSheet()
        }
    ]
}
