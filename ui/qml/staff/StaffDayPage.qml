pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The end of a day: its report, and what is to be paid out for a span of days. */
StaffPage {
    id: page
    objectName: "staff.page.day"
    title: I18n.t("staff.place.day")

    readonly property real gap: 20
    readonly property real half: Theme.isPortrait ? contentWidth : (contentWidth - gap) / 2

    component DayStepper: Item {
        id: stepper
        required property string label
        required property string value
        required property string name
        property bool canGoOn: true
        signal moved(int days)
        height: 80
        StaffWords { y: (parent.height - lineHeight) / 2; width: parent.width - 470; text: stepper.label }
        RoundButton {
            objectName: stepper.name + ".before"
            x: parent.width - 464
            y: 4
            width: 72; height: 72
            iconName: "chevron-left"
            isOutlined: true
            text: I18n.t("staff.day.before") + ", " + stepper.label
            onClicked: stepper.moved(-1)
        }
        StaffWords {
            x: parent.width - 384
            y: (parent.height - lineHeight) / 2
            width: 304
            size: 27
            weight: Font.DemiBold
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.NoWrap
            text: stepper.value
        }
        RoundButton {
            objectName: stepper.name + ".after"
            x: parent.width - 72
            y: 4
            width: 72; height: 72
            iconName: "chevron-right"
            isOutlined: true
            enabled: stepper.canGoOn
            text: I18n.t("staff.day.after") + ", " + stepper.label
            onClicked: stepper.moved(1)
        }
    }

    ScrollArea {
        id: area
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: page.height - y
        innerHeight: cards.height + 36
        Flow {
            id: cards
            width: area.width
            spacing: page.gap
            StaffCard {
                width: page.half
                height: Math.max(implicitHeight, Theme.isPortrait ? 0 : payouts.implicitHeight)
                title: I18n.t("staff.day.close.title")
                spacing: 18
                StaffWords { width: parent.width; color: Theme.text2; text: I18n.t("staff.day.close.text") }
                DayStepper {
                    width: parent.width
                    name: "day"
                    label: I18n.t("staff.day.day")
                    value: StaffClosing.day
                    canGoOn: !StaffClosing.isToday
                    onMoved: days => StaffClosing.moveDay(days)
                }
                KioskButton {
                    objectName: "day.close"
                    width: parent.width
                    height: 96
                    kind: "primary"
                    role: "small"
                    textScale: 1
                    iconName: "calendar-check"
                    text: I18n.t("staff.day.close")
                    onClicked: StaffClosing.closeDay()
                }
            }
            StaffCard {
                id: payouts
                width: page.half
                title: I18n.t("staff.day.payouts.title")
                spacing: 18
                StaffWords { width: parent.width; color: Theme.text2; text: I18n.t("staff.day.payouts.text") }
                DayStepper {
                    width: parent.width
                    name: "first"
                    label: I18n.t("staff.day.first")
                    value: StaffClosing.first
                    onMoved: days => StaffClosing.moveFirst(days)
                }
                DayStepper {
                    width: parent.width
                    name: "last"
                    label: I18n.t("staff.day.last")
                    value: StaffClosing.last
                    canGoOn: !StaffClosing.isLastToday
                    onMoved: days => StaffClosing.moveLast(days)
                }
                KioskButton {
                    objectName: "day.payouts"
                    width: parent.width
                    height: 96
                    role: "small"
                    textScale: 1
                    iconName: "banknote"
                    text: I18n.t("staff.day.payouts")
                    onClicked: StaffClosing.savePayouts()
                }
            }
            StaffCard {
                id: papers
                visible: StaffClosing.papers.length > 0
                width: area.width
                title: I18n.t("staff.day.papers")
                spacing: 0
                Repeater {
                    model: StaffClosing.papers
                    StaffEntryRow {
                        required property var modelData
                        width: papers.innerWidth
                        sign: "dot"
                        title: modelData.what
                        note: modelData.path
                    }
                }
            }
        }
    }
}
