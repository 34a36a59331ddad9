import QtQuick
import Kiosk
import "../components"

/* New vouchers: worth what, how many, how often and how long each can be used. */
Sheet {
    id: sheet
    objectName: "StaffVoucherSheet"
    title: I18n.t("staff.vouchers.make")
    spacing: 16

    property int kind: 1
    property int percent: 10
    property int baht: 50
    property int count: 10
    property int uses: 1
    property int days: 7

    onDismissed: StaffNavigator.closeSheet()

    Segments {
        width: parent.width
        name: "voucher.kind"
        options: StaffVouchers.kinds
        current: sheet.kind
        onPicked: index => sheet.kind = index
    }
    StaffStepper {
        visible: sheet.kind === 0
        width: parent.width
        name: "voucher.percent"
        label: I18n.t("staff.voucher.worth")
        value: sheet.percent
        valueText: sheet.percent + " %"
        onAsked: value => sheet.percent = value
    }
    StaffStepper {
        visible: sheet.kind === 1
        width: parent.width
        name: "voucher.baht"
        label: I18n.t("staff.voucher.worth")
        value: sheet.baht
        most: 5000
        valueText: sheet.baht + " " + I18n.t("common.baht")
        onAsked: value => sheet.baht = value
    }
    StaffStepper {
        width: parent.width
        name: "voucher.count"
        label: I18n.t("staff.voucher.count")
        value: sheet.count
        most: 500
        onAsked: value => sheet.count = value
    }
    StaffStepper {
        width: parent.width
        name: "voucher.uses"
        label: I18n.t("staff.voucher.uses")
        value: sheet.uses
        most: 1000
        onAsked: value => sheet.uses = value
    }
    StaffStepper {
        width: parent.width
        name: "voucher.days"
        label: I18n.t("staff.voucher.days")
        value: sheet.days
        most: 365
        valueText: I18n.counted("staff.count.days", sheet.days)
        onAsked: value => sheet.days = value
    }
    KioskButton {
        objectName: "voucher.make"
        width: parent.width
        height: 104
        focus: true
        kind: "primary"
        role: "title"
        textScale: 0.9
        text: I18n.counted("staff.vouchers.confirm", sheet.count)
        onClicked: {
            StaffNavigator.closeSheet();
            StaffVouchers.make(sheet.kind, sheet.kind === 0 ? sheet.percent : sheet.baht, sheet.count, sheet.uses, sheet.days);
        }
    }
    KioskButton {
        objectName: "voucher.cancel"
        width: parent.width
        height: 80
        kind: "quiet"
        role: "small"
        textScale: 1
        text: I18n.t("common.cancel")
        onClicked: StaffNavigator.closeSheet()
    }
}
