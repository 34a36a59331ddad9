pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk
import "../components"

/* Paid: the code that brings the photos to the phone, the order's code, how long it works; how the prints come
   along; other ways to the photos where they are set up. */
PageFrame {
    id: page
    objectName: "page.delivery"
    announced: I18n.t("deliver.title")

    readonly property bool isWide: !Theme.isPortrait
    /* In the action column the prints stand above all of them. */
    readonly property bool isTight: isWide && (Theme.lower || Theme.largerText || Delivery.canKeep)
    readonly property real secondHeight: isTight ? 80 : Theme.isPortrait ? 112 : 104
    readonly property real quietHeight: isTight ? 72 : 96

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
            Column {
                visible: Delivery.messages.length > 0 || Delivery.isKept
                x: 24
                width: parent.width - 48
                spacing: 12
                Repeater {
                    model: Delivery.messages
                    StatusRow {
                        required property var modelData
                        objectName: "delivery.message." + modelData.when
                        width: parent ? parent.width : 0
                        iconName: modelData.icon
                        tone: modelData.when === "sent" ? Theme.ok : Theme.text
                        ink: Theme.text
                        text: modelData.text
                        Accessible.role: Accessible.AlertMessage
                        Accessible.name: text
                    }
                }
                StatusRow {
                    objectName: "delivery.kept"
                    visible: Delivery.isKept
                    width: parent.width
                    iconName: "check"
                    tone: Theme.ok
                    ink: Theme.text
                    text: I18n.t("deliver.new")
                }
            }
            Card {
                width: parent.width
                padding: 40
                spacing: 28

                Item {
                    width: parent.width
                    height: Math.max(qr.height, facts.height)
                    QrCard {
                        id: qr
                        wantedSide: page.isWide ? 420 : 480
                        text: Delivery.url
                    }
                    Column {
                        id: facts
                        x: qr.width + 44
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
                visible: Delivery.printCopies > 0 && Delivery.printState === ""
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
            PrintsCard {
                visible: Delivery.printState !== "" && Theme.isPortrait
                width: parent.width
            }
            Photos {
                /* Few are shown larger: at least two stand side by side. */
                readonly property int across: Math.max(2, Delivery.photoIds.length)
                visible: Delivery.photoIds.length > 0 && Theme.isPortrait && Delivery.printState === ""
                width: parent.width
                side: across > 4 ? 178 : (width - spacing * (across - 1)) / across
            }
        }
    }

    PrintsCard {
        visible: Delivery.printState !== "" && page.isWide
        isNarrow: true
        x: page.sideX
        y: page.sideTop
        width: page.sideWidth
    }

    secondColumns: 2
    seconds: [
        KioskButton {
            objectName: "delivery.mail"
            visible: Delivery.hasMail
            role: "body"
            implicitHeight: page.secondHeight
            iconName: "mail"
            text: I18n.t("deliver.email")
            onClicked: Navigator.openSheet("MailSheet")
        },
        KioskButton {
            objectName: "delivery.line"
            visible: Delivery.hasLine
            role: "body"
            implicitHeight: page.secondHeight
            iconName: "message-square"
            text: I18n.t("deliver.line")
            onClicked: Navigator.openSheet("LineSheet")
        },
        KioskButton {
            objectName: "delivery.keep"
            visible: Delivery.canKeep
            kind: "quiet"
            role: "body"
            implicitHeight: page.quietHeight
            iconName: "bell"
            text: I18n.t("deliver.keep")
            onClicked: Navigator.openSheet("KeepSheet")
        },
        KioskButton {
            objectName: "delivery.receipt"
            kind: "quiet"
            role: "body"
            implicitHeight: page.quietHeight
            iconName: "list"
            Layout.columnSpan: Theme.isPortrait && !Delivery.canKeep ? 2 : 1
            text: I18n.t("deliver.receipt")
            onClicked: Navigator.openSheet("ReceiptSheet")
        }
    ]
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
