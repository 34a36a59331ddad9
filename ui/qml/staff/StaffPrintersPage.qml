pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* How each printer stands and what to do, what is left of paper and ink, and prints that wait for staff. */
StaffPage {
    id: page
    objectName: "staff.page.printers"
    title: I18n.t("staff.printers.title")

    readonly property real gap: 20
    readonly property real leftWidth: Theme.isPortrait ? contentWidth : (contentWidth - gap) / 2

    StaffEmpty {
        visible: StaffPrinters.printers.length === 0 && StaffPrinters.supplies.length === 0
        anchors.centerIn: parent
        width: page.contentWidth * 0.7
        iconName: "printer"
        text: I18n.t("staff.printers.none")
    }
    ScrollArea {
        id: area
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: page.height - y
        innerHeight: (Theme.isPortrait ? secondColumn.y + secondColumn.height : Math.max(firstColumn.height, secondColumn.height)) + 36

        Column {
            id: firstColumn
            width: page.leftWidth
            spacing: page.gap
            Repeater {
                model: StaffPrinters.printers
                StaffCard {
                    id: printer
                    required property var modelData
                    width: firstColumn.width
                    title: I18n.t("staff.printer.title", { queue: modelData.queue })
                    note: modelData.ink
                    spacing: 12
                    Row {
                        width: parent.width
                        spacing: 14
                        StateSign { y: (stateWords.lineHeight - height) / 2; sign: printer.modelData.sign }
                        StaffWords {
                            id: stateWords
                            width: parent.width - 32
                            size: 27
                            weight: Font.DemiBold
                            color: printer.modelData.sign === "diamond" ? Theme.bad : Theme.text
                            text: printer.modelData.state
                        }
                    }
                    StaffWords { visible: text !== ""; width: parent.width; text: printer.modelData.todo }
                    StaffWords { visible: text !== ""; width: parent.width; size: 22; color: Theme.text2; text: printer.modelData.message }
                    StaffButton {
                        objectName: "printer.resume." + printer.modelData.queue
                        visible: printer.modelData.canResume
                        kind: "primary"
                        iconName: "play"
                        text: I18n.t("staff.printer.resume")
                        onClicked: StaffPrinters.resume(printer.modelData.queue)
                    }
                }
            }
        }
        Column {
            id: secondColumn
            x: Theme.isPortrait ? 0 : page.leftWidth + page.gap
            y: Theme.isPortrait ? firstColumn.height + page.gap : 0
            width: page.leftWidth
            spacing: page.gap
            StaffCard {
                id: held
                width: parent.width
                visible: StaffPrinters.held.length > 0
                title: I18n.t("staff.held.title")
                note: I18n.counted("staff.held.count", StaffPrinters.held.length)
                spacing: 0
                Repeater {
                    model: StaffPrinters.held
                    Item {
                        id: job
                        required property var modelData
                        width: held.innerWidth
                        height: entry.implicitHeight + again.height + 20
                        StaffEntryRow {
                            id: entry
                            width: parent.width
                            height: implicitHeight
                            sign: "diamond"
                            title: job.modelData.code + " · " + job.modelData.title
                            reason: job.modelData.note
                        }
                        StaffButton {
                            objectName: "held.cancel." + job.modelData.jobId
                            x: again.x - width - 12
                            y: again.y
                            height: 64
                            kind: "quiet"
                            text: I18n.t("staff.print.cancel")
                            onClicked: StaffPrinters.cancel(job.modelData.jobId)
                        }
                        StaffButton {
                            id: again
                            objectName: "held.again." + job.modelData.jobId
                            x: parent.width - width
                            y: entry.height
                            height: 64
                            text: I18n.t("staff.print.again")
                            onClicked: StaffPrinters.printAgain(job.modelData.jobId)
                        }
                    }
                }
            }
            StaffCard {
                id: supplies
                width: parent.width
                visible: StaffPrinters.supplies.length > 0
                title: I18n.t("staff.supplies.left")
                spacing: 22
                Repeater {
                    model: StaffPrinters.supplies
                    Item {
                        id: paper
                        required property var modelData
                        width: supplies.innerWidth
                        height: 92
                        StaffSupply { id: bar; width: parent.width - count.width - 28; supply: paper.modelData }
                        StaffWords {
                            y: bar.implicitHeight + 4
                            width: bar.width
                            size: 20
                            color: Theme.text2
                            wrapMode: Text.NoWrap
                            elide: Text.ElideRight
                            text: [paper.modelData.note, paper.modelData.counted].filter(part => part !== "").join(" · ")
                        }
                        StaffButton {
                            id: count
                            objectName: "supply.count." + paper.modelData.name
                            x: parent.width - width
                            y: (parent.height - height) / 2 - 4
                            text: I18n.t("staff.supply.count")
                            onClicked: {
                                StaffPrinters.beginCount(paper.modelData.name);
                                StaffNavigator.openSheet("staff/StaffCountSheet");
                            }
                        }
                    }
                }
            }
        }
    }
}
