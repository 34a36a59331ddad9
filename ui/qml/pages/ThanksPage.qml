pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The end: the privacy receipt on paper, with its code to take along. */
PageFrame {
    id: page
    objectName: "page.thanks"
    announced: I18n.t("thanks.title")

    hasBack: false
    hasMyData: false
    readonly property bool hasCode: Delivery.receiptUrl !== ""
    readonly property color faint: Theme.paperText2

    Column {
        id: heading
        x: page.contentX
        y: page.contentTop + (Theme.isPortrait ? 8 : -24)
        width: page.contentWidth
        Words {
            width: parent.width
            horizontalAlignment: Theme.isPortrait ? Text.AlignHCenter : Text.AlignLeft
            role: Theme.isPortrait ? "h1" : "h2"
            weight: Font.DemiBold
            text: I18n.t("thanks.title")
        }
        Words {
            width: parent.width
            horizontalAlignment: Theme.isPortrait ? Text.AlignHCenter : Text.AlignLeft
            role: Theme.isPortrait ? "title" : "body"
            color: Theme.text2
            text: I18n.t("thanks.sub")
        }
    }

    component Rows: Column {
        id: rows
        property string heading: ""
        property var lines: []
        width: parent ? parent.width : 0
        spacing: Theme.isPortrait ? 14 : 6
        Words {
            role: "small"
            weight: Font.DemiBold
            color: Theme.onPaper
            text: rows.heading
        }
        Repeater {
            model: rows.lines
            Item {
                id: row
                required property var modelData
                width: rows.width
                height: Math.max(what.height + (why.visible ? why.height : 0), when.height)
                Icon { x: 4; y: (what.lineHeight - height) / 2; name: row.modelData.icon; tint: Theme.onPaper; size: 34 }
                Words {
                    id: what
                    x: 64
                    width: parent.width - 64 - when.width - 24
                    weight: Font.Medium
                    color: Theme.onPaper
                    text: row.modelData.text
                }
                Words {
                    id: why
                    visible: text !== ""
                    x: 64
                    y: what.height
                    width: what.width
                    role: "small"
                    color: page.faint
                    text: row.modelData.why
                }
                Words {
                    id: when
                    anchors.right: parent.right
                    y: (what.lineHeight - lineHeight) / 2
                    width: Math.min(implicitWidth, parent.width * 0.36)
                    horizontalAlignment: Text.AlignRight
                    role: "small"
                    color: page.faint
                    text: row.modelData.when
                }
            }
        }
    }

    ScrollArea {
        x: Theme.isPortrait ? 96 : page.contentX
        y: heading.y + heading.height + (Theme.isPortrait ? 28 : 20)
        width: Theme.isPortrait ? 888 : page.contentWidth
        height: page.contentBottom - y
        innerHeight: paper.y + paper.height

        NoticeLine { id: notice; width: parent.width }
        Rectangle {
            id: paper
            y: notice.visible ? notice.height + 24 : 0
            width: parent.width
            height: list.height + 2 * list.y
            radius: Theme.radiusCard
            color: Theme.paper

            Column {
                id: list
                x: 52
                y: Theme.isPortrait ? 36 : 24
                width: parent.width - 104
                spacing: Theme.isPortrait ? 20 : 12

                Item {
                    width: parent.width
                    height: title.height
                    Words { id: title; width: parent.width - date.width - 24; role: "h2"; weight: Font.DemiBold; color: Theme.onPaper; text: I18n.t("thanks.receipt") }
                    Words {
                        id: date
                        anchors { right: parent.right; verticalCenter: parent.verticalCenter }
                        role: "small"
                        textScale: 1
                        color: page.faint
                        text: Delivery.madeAt
                    }
                }
                Rectangle { width: parent.width; height: 3; color: Theme.onPaper }
                Rows { heading: I18n.t("thanks.deleted"); lines: Delivery.deleted }
                Rectangle { width: parent.width; height: 2; color: "#CFC8B8"; visible: Delivery.kept.length > 0 }
                Rows { visible: Delivery.kept.length > 0; heading: I18n.t("thanks.kept"); lines: Delivery.kept }
                Rectangle { width: parent.width; height: 2; color: "#CFC8B8"; visible: page.hasCode && Theme.isPortrait }
                Item {
                    visible: page.hasCode && Theme.isPortrait
                    width: parent.width
                    height: 256
                    QrCard { wantedSide: 256; text: Delivery.receiptUrl; label: I18n.t("thanks.scan") }
                    Words {
                        x: 296
                        anchors.verticalCenter: parent.verticalCenter
                        width: parent.width - 296
                        role: "title"
                        weight: Font.Medium
                        color: Theme.onPaper
                        text: I18n.t("thanks.scan")
                    }
                }
            }
        }
    }

    /* In landscape the code has the action column. */
    Column {
        visible: page.hasCode && !Theme.isPortrait
        x: page.sideX
        y: page.sideTop
        width: page.sideWidth
        spacing: 24
        QrCard { wantedSide: page.sideWidth; text: Delivery.receiptUrl; label: I18n.t("thanks.scan") }
        Words {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            weight: Font.Medium
            text: I18n.t("thanks.scan")
        }
    }

    seconds: KioskButton {
        objectName: "thanks.print"
        visible: Delivery.canPrint
        role: "body"
        implicitHeight: 96
        iconName: "printer"
        text: I18n.t("thanks.print")
        onClicked: Delivery.printReceipt()
    }
    primary: KioskButton {
        objectName: "thanks.close"
        anchors.fill: parent
        focus: true
        kind: "primary"
        text: I18n.t("thanks.close")
        onClicked: Session.close()
    }
}
