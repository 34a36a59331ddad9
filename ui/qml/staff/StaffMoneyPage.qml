pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Payments that wait for staff, the oldest first, each with what to do. */
StaffPage {
    id: page
    objectName: "staff.page.money"
    title: I18n.t("staff.decisions.title")
    subtitle: StaffMoney.decisions.length > 0 ? StaffMoney.countText : ""

    StaffEmpty {
        visible: StaffMoney.decisions.length === 0
        anchors.centerIn: parent
        width: page.contentWidth * 0.7
        iconName: "check"
        text: I18n.t("staff.decisions.none")
    }
    ScrollArea {
        id: area
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: page.height - y
        innerHeight: list.height + 36
        Column {
            id: list
            width: area.width
            spacing: 20
            Repeater {
                model: StaffMoney.decisions
                StaffCard {
                    id: card
                    required property var modelData
                    required property int index
                    objectName: "money." + modelData.paymentId
                    width: list.width
                    padding: 28
                    StaffDecision {
                        width: card.innerWidth
                        decision: card.modelData
                        isOldest: card.index === 0
                        isFull: true
                    }
                }
            }
        }
    }
}
