pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The day so far: what waits for a decision first, then the latest orders, printers and paper, what waits to go out,
   the import, sales by hour. */
StaffPage {
    id: page
    objectName: "staff.page.today"
    title: I18n.t("staff.place.today")
    subtitle: StaffToday.timeLine

    readonly property bool decides: Staff.rail.some(place => place.place === "money")
    readonly property bool prints: Staff.rail.some(place => place.place === "printers")
    readonly property real gap: 20
    readonly property real leftWidth: Theme.isPortrait ? contentWidth : (contentWidth - gap) * 0.635
    readonly property real rightWidth: Theme.isPortrait ? contentWidth : contentWidth - gap - leftWidth

    actions: [
        Row {
            visible: Staff.centreText !== ""
            spacing: 12
            StateSign { anchors.verticalCenter: parent.verticalCenter; sign: Staff.isOnline ? "dot" : "ring" }
            StaffWords { width: implicitWidth; wrapMode: Text.NoWrap; text: Staff.centreText }
        }
    ]

    ScrollArea {
        id: area
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: page.height - y
        innerHeight: (Theme.isPortrait ? secondColumn.y + secondColumn.height : Math.max(firstColumn.y + firstColumn.height, secondColumn.y + secondColumn.height)) + 36

        Grid {
            id: figures
            width: area.width
            columns: Theme.isPortrait ? 2 : 4
            spacing: page.gap
            Repeater {
                model: StaffToday.figures
                Rectangle {
                    id: figure
                    required property var modelData
                    width: (figures.width - page.gap * (figures.columns - 1)) / figures.columns
                    height: 170
                    radius: Theme.radiusCard
                    color: Theme.s1
                    StaffWords { x: 28; y: 20; width: parent.width - 56; size: 22; color: Theme.text2; wrapMode: Text.NoWrap; text: figure.modelData.title }
                    StaffWords {
                        id: value
                        x: 28
                        y: 84 - lineHeight / 2
                        width: implicitWidth
                        size: 52
                        thai: false
                        weight: Font.DemiBold
                        text: figure.modelData.value
                    }
                    StaffWords { x: value.x + value.width + 14; y: 92 - lineHeight / 2; width: implicitWidth; weight: Font.Medium; text: figure.modelData.unit }
                    StaffWords {
                        x: 28
                        y: 136 - lineHeight / 2
                        width: parent.width - 40
                        size: 22
                        color: Theme.text2
                        wrapMode: Text.NoWrap
                        fontSizeMode: Text.HorizontalFit
                        minimumPixelSize: 20
                        elide: Text.ElideRight
                        text: figure.modelData.note
                    }
                }
            }
        }

        Column {
            id: firstColumn
            y: figures.height + page.gap
            width: page.leftWidth
            spacing: page.gap

            StaffCard {
                width: parent.width
                visible: page.decides
                title: I18n.t("staff.decisions.title")
                note: StaffMoney.decisions.length > 0 ? StaffMoney.countText : ""
                spacing: 0
                StaffWords {
                    visible: StaffMoney.decisions.length === 0
                    width: parent.width
                    color: Theme.text2
                    bottomPadding: 8
                    text: I18n.t("staff.decisions.none")
                }
                Repeater {
                    model: StaffMoney.decisions.slice(0, 3)
                    StaffDecision {
                        id: decision
                        required property var modelData
                        required property int index
                        width: firstColumn.width - 64
                        decision: modelData
                        isOldest: index === 0
                        Rectangle { visible: decision.index > 0; width: parent.width; height: 1; color: Theme.line }
                    }
                }
                StaffButton {
                    visible: StaffMoney.decisions.length > 3
                    objectName: "today.decisions"
                    x: parent.width - width + 12
                    kind: "quiet"
                    height: 64
                    text: I18n.t("staff.all")
                    onClicked: StaffNavigator.go("money")
                }
            }
            StaffCard {
                width: parent.width
                title: I18n.t("staff.latest.title")
                spacing: 0
                corner: [
                    StaffButton {
                        objectName: "today.orders"
                        kind: "quiet"
                        height: 64
                        iconName: "list"
                        text: I18n.t("staff.all")
                        onClicked: StaffNavigator.go("orders")
                    }
                ]
                StaffWords {
                    visible: StaffToday.latest.length === 0
                    width: parent.width
                    color: Theme.text2
                    text: I18n.t("staff.latest.none")
                }
                Repeater {
                    model: StaffToday.latest
                    Item {
                        id: latest
                        required property var modelData
                        width: firstColumn.width - 64
                        height: 64
                        Rectangle { width: parent.width; height: 1; color: Theme.line }
                        StaffOrderRow {
                            objectName: "today.order." + latest.modelData.orderId
                            width: parent.width
                            height: parent.height
                            order: latest.modelData
                            onClicked: {
                                StaffOrder.open(latest.modelData.orderId);
                                StaffNavigator.go("order");
                            }
                        }
                    }
                }
            }
        }

        Column {
            id: secondColumn
            x: Theme.isPortrait ? 0 : page.leftWidth + page.gap
            y: Theme.isPortrait ? firstColumn.y + firstColumn.height + page.gap : firstColumn.y
            width: page.rightWidth
            spacing: page.gap

            StaffCard {
                width: parent.width
                visible: page.prints
                title: I18n.t("staff.supplies.title")
                spacing: 14
                Repeater {
                    model: StaffPrinters.printers.filter(printer => printer.sign !== "dot")
                    StatusRow {
                        required property var modelData
                        width: secondColumn.width - 64
                        iconName: "triangle-alert"
                        tone: Theme.bad
                        ink: Theme.bad
                        text: modelData.queue + " · " + modelData.state
                    }
                }
                Repeater {
                    model: StaffPrinters.supplies
                    StaffSupply { required property var modelData; width: secondColumn.width - 64; supply: modelData }
                }
                StaffWords {
                    width: parent.width
                    size: 22
                    color: Theme.text2
                    text: StaffPrinters.supplies.length === 0 ? I18n.t("staff.supplies.none") : StaffPrinters.lowNote
                    visible: text !== ""
                }
            }
            StaffCard {
                width: parent.width
                title: I18n.t("staff.outbox.title")
                spacing: 8
                corner: [
                    StaffWords {
                        height: 64
                        width: implicitWidth
                        verticalAlignment: Text.AlignVCenter
                        size: 36
                        thai: false
                        weight: Font.DemiBold
                        text: StaffToday.outboxWaiting
                    }
                ]
                StaffWords { width: parent.width; size: 22; color: Theme.text2; text: StaffToday.outboxNote }
                Item {
                    visible: StaffToday.outboxTrouble !== ""
                    width: parent.width
                    height: 70
                    Icon { y: (parent.height - height) / 2; name: "triangle-alert"; tint: Theme.bad; size: 28 }
                    StaffWords {
                        x: 42
                        y: (parent.height - height) / 2
                        width: why.x - x - 12
                        color: Theme.bad
                        text: StaffToday.outboxTrouble
                    }
                    StaffButton {
                        id: why
                        objectName: "today.outbox"
                        x: parent.width - width
                        text: I18n.t("staff.outbox.why")
                        onClicked: StaffNavigator.go("outbox")
                    }
                }
            }
            StaffCard {
                width: parent.width
                title: I18n.t("staff.import.title")
                note: StaffToday.importCount
                spacing: 12
                StaffBar { width: parent.width; share: StaffToday.importShare }
                StaffWords { width: parent.width; size: 22; color: Theme.text2; text: StaffToday.importNote }
            }
            StaffCard {
                width: parent.width
                title: I18n.t("staff.today.by_hour")
                note: I18n.t("staff.today.by_hour.note")
                StaffHours { width: parent.width; hours: StaffToday.hours }
            }
        }
    }
}
