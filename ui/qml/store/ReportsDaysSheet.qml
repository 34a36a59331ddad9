pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* A calendar: the first touch is the first day, the second one the last. */
Sheet {
    id: sheet
    objectName: "ReportsDaysSheet"
    spacing: 16
    onDismissed: StoreNavigator.closeSheet()

    readonly property real cellWidth: sheet.innerWidth / 7

    Item {
        width: parent.width
        height: 80
        RoundButton {
            objectName: "days.before"
            width: 80; height: 80
            isOutlined: true
            iconName: "chevron-left"
            text: I18n.t("store.period.before")
            onClicked: Period.turnMonth(-1)
        }
        Words {
            anchors.centerIn: parent
            role: "title"
            weight: Font.DemiBold
            text: Period.monthTitle
        }
        RoundButton {
            objectName: "days.after"
            anchors.right: parent.right
            width: 80; height: 80
            isOutlined: true
            enabled: Period.hasNextMonth
            iconName: "chevron-right"
            text: I18n.t("store.period.after")
            onClicked: Period.turnMonth(1)
        }
    }
    Row {
        Repeater {
            model: Period.weekdays
            Words {
                required property string modelData
                width: sheet.cellWidth
                horizontalAlignment: Text.AlignHCenter
                role: "small"
                textScale: 0.9
                color: Theme.text2
                text: modelData
            }
        }
    }
    Grid {
        columns: 7
        Repeater {
            model: Period.cells
            T.AbstractButton {
                id: day
                required property var modelData
                objectName: "day." + modelData.iso
                width: sheet.cellWidth
                height: 72
                enabled: !modelData.isAhead
                focusPolicy: Qt.StrongFocus
                Accessible.role: Accessible.Button
                Accessible.name: modelData.text + " " + Period.monthTitle
                Accessible.checked: modelData.isWithin
                Keys.onReturnPressed: click()
                onClicked: Period.pickDay(modelData.iso)
                background: Item {
                    Rectangle {
                        anchors { fill: parent; topMargin: 6; bottomMargin: 6 }
                        visible: day.modelData.isWithin
                        color: Theme.s2
                    }
                    Rectangle {
                        anchors.centerIn: parent
                        width: 68; height: 68; radius: 34
                        visible: day.modelData.isEnd || day.down || day.modelData.isToday
                        color: day.modelData.isEnd ? Theme.paper : day.down ? Theme.s2 : "transparent"
                        border { width: day.modelData.isToday ? 2 : 0; color: Theme.edge }
                    }
                }
                contentItem: Item {
                    Words {
                        anchors.centerIn: parent
                        role: "body"
                        textScale: 1
                        weight: day.modelData.isEnd ? Font.DemiBold : Font.Normal
                        color: day.modelData.isEnd ? Theme.onPaper : day.modelData.isAhead ? Theme.line
                            : day.modelData.isOfMonth ? Theme.text : Theme.text2
                        text: day.modelData.text
                        Accessible.ignored: true
                    }
                }
                FocusRing { isShown: day.visualFocus; around: 16 }
            }
        }
    }
    Words {
        width: parent.width
        horizontalAlignment: Text.AlignHCenter
        role: "body"
        weight: Font.Medium
        text: Period.pickedText
    }
    Row {
        spacing: 24
        KioskButton {
            objectName: "days.cancel"
            width: (sheet.innerWidth - 24) / 3
            height: 104
            focus: true
            text: I18n.t("common.cancel")
            onClicked: StoreNavigator.closeSheet()
        }
        KioskButton {
            objectName: "days.take"
            width: (sheet.innerWidth - 24) / 3 * 2
            height: 104
            kind: "primary"
            text: I18n.t("store.period.take")
            onClicked: {
                StoreNavigator.closeSheet();
                Period.takePicked();
            }
        }
    }
}
