pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* One order: its photos and facts, payments, prints, messages, refunds, and what can be done for its buyer. */
StaffPage {
    id: page
    objectName: "staff.page.order"
    title: StaffOrder.code
    subtitle: StaffOrder.head

    readonly property real gap: 20
    readonly property real leftWidth: Theme.isPortrait ? contentWidth : (contentWidth - gap) * 0.46
    readonly property real rightWidth: Theme.isPortrait ? contentWidth : contentWidth - gap - leftWidth

    actions: [
        StaffButton {
            objectName: "order.resend"
            visible: StaffOrder.canResend
            height: 64
            iconName: "mail"
            text: I18n.t("staff.order.resend")
            onClicked: StaffOrder.resend()
        },
        StaffButton {
            objectName: "order.refund"
            visible: StaffOrder.canRefund
            height: 64
            iconName: "banknote"
            text: I18n.t("staff.order.refund")
            onClicked: StaffNavigator.openSheet("staff/StaffRefundSheet")
        }
    ]

    component Part: StaffCard {
        id: part
        required property var rows
        visible: rows.length > 0
        spacing: 0
        Repeater {
            model: part.rows
            StaffEntryRow {
                required property var modelData
                width: part.innerWidth
                sign: modelData.sign
                title: modelData.title
                note: modelData.note
            }
        }
    }
    StaffEmpty {
        visible: !StaffOrder.isShown
        anchors.centerIn: parent
        width: page.contentWidth * 0.7
        iconName: "search"
        text: I18n.t("staff.waiting")
    }
    ScrollArea {
        id: area
        visible: StaffOrder.isShown
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: page.height - y
        innerHeight: (Theme.isPortrait ? secondColumn.y + secondColumn.height : Math.max(firstColumn.height, secondColumn.height)) + 36

        Column {
            id: firstColumn
            width: page.leftWidth
            spacing: page.gap
            StaffCard {
                width: parent.width
                title: I18n.t("staff.order.facts")
                spacing: 8
                Repeater {
                    model: StaffOrder.facts
                    Item {
                        id: fact
                        required property var modelData
                        width: firstColumn.width - 64
                        height: Math.max(label.lineHeight, value.height)
                        StaffWords { id: label; width: 190; color: Theme.text2; text: fact.modelData.label }
                        StaffWords {
                            id: value
                            x: 190
                            width: parent.width - x
                            horizontalAlignment: Text.AlignRight
                            text: fact.modelData.value
                        }
                    }
                }
            }
            StaffCard {
                width: parent.width
                title: I18n.t("staff.order.photos")
                note: I18n.counted("staff.count.photos", StaffOrder.photoIds.length)
                Grid {
                    id: photos
                    width: parent.width
                    columns: Theme.isPortrait ? 6 : 5
                    spacing: 12
                    Repeater {
                        model: StaffOrder.photoIds
                        Photo {
                            required property string modelData
                            width: (photos.width - photos.spacing * (photos.columns - 1)) / photos.columns
                            height: width * 1.2
                            photoId: modelData
                            size: "small"
                            saysMissing: false
                        }
                    }
                }
            }
            Part { width: parent.width; title: I18n.t("staff.order.payments"); rows: StaffOrder.payments }
        }
        Column {
            id: secondColumn
            x: Theme.isPortrait ? 0 : page.leftWidth + page.gap
            y: Theme.isPortrait ? firstColumn.height + page.gap : 0
            width: page.rightWidth
            spacing: page.gap

            StaffCard {
                id: prints
                visible: StaffOrder.prints.length > 0
                width: parent.width
                title: I18n.t("staff.order.prints")
                spacing: 0
                Repeater {
                    model: StaffOrder.prints
                    StaffEntryRow {
                        id: job
                        required property var modelData
                        width: prints.innerWidth
                        sign: modelData.sign
                        title: modelData.title
                        note: modelData.state
                        reason: modelData.note
                        StaffButton {
                            objectName: "order.cancel." + job.modelData.jobId
                            visible: StaffOrder.canReprint && !job.modelData.isOver
                            height: 64
                            kind: "quiet"
                            text: I18n.t("staff.print.cancel")
                            onClicked: StaffOrder.cancelPrint(job.modelData.jobId)
                        }
                        StaffButton {
                            objectName: "order.reprint." + job.modelData.jobId
                            visible: StaffOrder.canReprint && (job.modelData.isHeld || job.modelData.isOver)
                            height: 64
                            text: I18n.t("staff.print.again")
                            onClicked: StaffOrder.reprint(job.modelData.jobId)
                        }
                    }
                }
            }
            Part { width: parent.width; title: I18n.t("staff.order.messages"); rows: StaffOrder.sendings }
            Part { width: parent.width; title: I18n.t("staff.order.refunds"); rows: StaffOrder.refunds }
        }
    }
}
