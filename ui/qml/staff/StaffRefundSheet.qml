import QtQuick
import Kiosk
import "../components"

/* How much is given back, and why: the log keeps both. */
StaffPadSheet {
    id: sheet
    objectName: "StaffRefundSheet"
    title: I18n.t("staff.refund.title", { code: StaffOrder.code })

    property int reason: -1
    readonly property bool isTooMuch: entry.satang > StaffOrder.refundableSatang

    Component.onCompleted: entry.text = Staff.typedBaht(StaffOrder.refundableSatang)
    onDismissed: StaffNavigator.closeSheet()

    words: [
        StaffWords {
            width: parent.width
            size: 26
            color: sheet.isTooMuch ? Theme.bad : Theme.text2
            text: I18n.t("staff.refund.most", { amount: I18n.money(StaffOrder.refundableSatang) })
        },
        StaffWords {
            width: parent.width
            size: 26
            weight: Font.DemiBold
            text: I18n.t("staff.refund.why")
        },
        StaffChips {
            width: parent.width
            name: "refund.reason"
            options: StaffOrder.reasons
            current: sheet.reason
            onPicked: index => sheet.reason = index
        }
    ]
    pad: [
        StaffAmount {
            id: entry
            width: parent.width
            focus: true
            hint: I18n.t("staff.refund.amount")
        }
    ]
    buttons: [
        KioskButton {
            objectName: "refund.confirm"
            width: parent.width
            height: 100
            kind: "primary"
            role: "title"
            textScale: 0.9
            reason: entry.satang <= 0 ? I18n.t("staff.refund.no_amount")
                : sheet.isTooMuch ? I18n.t("staff.refund.too_much")
                : sheet.reason < 0 ? I18n.t("staff.refund.no_reason") : ""
            text: I18n.t("staff.refund.confirm", { amount: I18n.money(entry.satang) })
            onClicked: {
                StaffNavigator.closeSheet();
                StaffOrder.refund(entry.satang, StaffOrder.reasons[sheet.reason]);
            }
        },
        KioskButton {
            objectName: "refund.cancel"
            width: parent.width
            height: 80
            kind: "quiet"
            role: "small"
            textScale: 1
            text: I18n.t("common.cancel")
            onClicked: StaffNavigator.closeSheet()
        }
    ]
}
