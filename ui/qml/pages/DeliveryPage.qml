pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Paid: the code that brings the photos to the phone, the order's code, how long it works. */
PageFrame {
    id: page
    objectName: "page.delivery"

    readonly property bool isWide: !Theme.isPortrait

    component Photos: ListView {
        id: photos
        required property real side
        height: side
        orientation: ListView.Horizontal
        spacing: 15
        clip: true
        reuseItems: true
        boundsBehavior: Flickable.StopAtBounds
        model: Delivery.photoIds
        delegate: Photo {
            required property string modelData
            photoId: modelData
            width: photos.side
            height: photos.side
            saysMissing: false
        }
    }

    Row {
        id: heading
        x: page.contentX
        y: page.contentTop + (Theme.isPortrait ? 8 : -16)
        spacing: 28
        Icon { y: (said.lineHeight - height) / 2; name: "check"; tint: Theme.ok; size: 60 }
        Words {
            id: said
            width: page.contentWidth - 88
            role: "h2"
            weight: Font.DemiBold
            text: I18n.t("deliver.title")
        }
    }

    ScrollArea {
        x: page.contentX
        y: heading.y + heading.height + (Theme.isPortrait ? 40 : 24)
        width: page.contentWidth
        height: page.contentBottom - y - (Theme.isPortrait ? 24 : 0)
        innerHeight: cards.height

        Column {
            id: cards
            width: page.contentWidth
            spacing: 24

            NoticeLine { width: parent.width }
            Card {
                width: parent.width
                padding: 40
                spacing: 28

                Item {
                    width: parent.width
                    height: Math.max(qr.height, facts.height)
                    QrCard {
                        id: qr
                        wantedSide: 480
                        text: Delivery.url
                    }
                    Column {
                        id: facts
                        x: 480 + 44
                        width: parent.width - x
                        height: Math.max(qr.height, facts.childrenRect.height)
                        spacing: 12
                        Words {
                            width: parent.width
                            role: "h2"
                            weight: Font.DemiBold
                            text: I18n.t("deliver.scan")
                        }
                        Words {
                            width: parent.width
                            color: Theme.text2
                            text: I18n.counted("deliver.scan.note", Delivery.photoCount)
                        }
                        Item { width: 1; height: page.isWide ? 40 : 64 }
                        Words {
                            width: parent.width
                            role: "small"
                            color: Theme.text2
                            text: I18n.t("deliver.code")
                        }
                        Words {
                            objectName: "delivery.code"
                            width: parent.width
                            role: "h2"
                            thai: false
                            weight: Font.DemiBold
                            font.letterSpacing: 3
                            text: Delivery.orderCode
                        }
                        Item { width: 1; height: 12; visible: page.isWide }
                        Photos {
                            visible: page.isWide && Delivery.photoIds.length > 0
                            width: parent.width
                            side: 160
                        }
                    }
                }
                Column {
                    width: parent.width
                    spacing: 8
                    StatusRow {
                        visible: Delivery.wifiName !== ""
                        width: parent.width
                        iconName: "wifi"
                        tone: Theme.text
                        ink: Theme.text
                        text: I18n.t("deliver.wifi", { name: Delivery.wifiName })
                    }
                    StatusRow {
                        width: parent.width
                        iconName: "clock"
                        text: Delivery.valid
                    }
                }
            }
            Card {
                visible: Delivery.printCopies > 0
                width: parent.width
                StatusRow {
                    width: parent.width
                    role: "body"
                    iconName: "printer"
                    tone: Theme.text
                    ink: Theme.text
                    text: I18n.t("deliver.print.desk", { n: Delivery.printCopies })
                }
            }
            Photos {
                /* Few are shown larger: at least two stand side by side. */
                readonly property int across: Math.max(2, Delivery.photoIds.length)
                visible: Delivery.photoIds.length > 0 && Theme.isPortrait
                width: parent.width
                side: across > 4 ? 178 : (width - spacing * (across - 1)) / across
            }
        }
    }

    seconds: KioskButton {
        objectName: "delivery.receipt"
        kind: "quiet"
        role: "body"
        implicitHeight: 96
        iconName: "list"
        text: I18n.t("deliver.receipt")
        onClicked: Navigator.openSheet("ReceiptSheet")
    }
    primary: KioskButton {
        objectName: "delivery.finish"
        anchors.fill: parent
        focus: true
        kind: "primary"
        iconName: "check"
        text: I18n.t("common.finish")
        onClicked: Session.finish()
    }
}
