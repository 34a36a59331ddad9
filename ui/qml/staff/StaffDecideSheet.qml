import QtQuick
import Kiosk
import "../components"

/* Whether what was touched is meant, and how much came where that is not what the decision says. */
StaffPadSheet {
    id: sheet
    objectName: "StaffDecideSheet"
    title: StaffMoney.actionText
    hasPad: asksAmount

    property bool asksAmount: false

    onDismissed: StaffNavigator.closeSheet()

    words: [
        Words {
            width: parent.width
            role: "small"
            textScale: 1
            weight: Font.DemiBold
            text: StaffMoney.chosenCode + " · " + StaffMoney.chosenTitle
        },
        Words { width: parent.width; role: "small"; textScale: 1; color: Theme.text2; text: StaffMoney.chosenSums },
        Words {
            width: parent.width
            role: "small"
            textScale: 1
            text: I18n.t("staff.action." + StaffMoney.action + ".means", { amount: I18n.money(StaffMoney.expectedSatang) })
        }
    ]
    pad: [
        StaffAmount {
            id: entry
            width: parent.width
            hint: I18n.t("staff.decide.amount")
        }
    ]
    buttons: [
        KioskButton {
            objectName: "decide.other"
            visible: StaffMoney.takesAmount && !sheet.asksAmount
            width: parent.width
            height: 88
            kind: "quiet"
            role: "small"
            textScale: 1
            iconName: "banknote"
            text: I18n.t("staff.decide.other")
            onClicked: sheet.asksAmount = true
        },
        KioskButton {
            objectName: "decide.confirm"
            width: parent.width
            height: 104
            focus: true
            kind: "primary"
            role: "title"
            textScale: 0.9
            reason: sheet.asksAmount && entry.satang <= 0 ? I18n.t("staff.decide.no_amount") : ""
            text: sheet.asksAmount && entry.satang > 0 ? I18n.t("staff.decide.came", { amount: I18n.money(entry.satang) }) : StaffMoney.actionText
            onClicked: {
                StaffNavigator.closeSheet();
                StaffMoney.decide(sheet.asksAmount ? entry.satang : -1);
            }
        },
        KioskButton {
            objectName: "decide.cancel"
            width: parent.width
            height: 88
            kind: "secondary"
            role: "small"
            textScale: 1
            text: I18n.t("common.cancel")
            onClicked: StaffNavigator.closeSheet()
        }
    ]
}
