pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What was chosen, what it costs at the least, prints where they are offered, a voucher, the total. */
PageFrame {
    id: page
    objectName: "page.basket"
    announced: I18n.t("basket.title")

    Words {
        id: heading
        x: page.contentX
        y: page.contentTop + (Theme.isPortrait ? 0 : -16)
        width: page.contentWidth
        role: Theme.isPortrait ? "h1" : "h2"
        weight: Font.DemiBold
        text: I18n.t("basket.title")
    }
    Words {
        visible: Basket.isEmpty
        x: page.contentX
        y: heading.y + heading.height + 48
        width: page.contentWidth
        role: "title"
        color: Theme.text2
        text: I18n.t("basket.empty")
    }

    ScrollArea {
        x: page.contentX
        y: heading.y + heading.height + (Theme.isPortrait ? 40 : 24)
        width: page.contentWidth
        height: (Theme.isPortrait ? bill.y - 24 : page.contentBottom) - y
        innerHeight: cards.height
        lead: page.leadOf(y)

        Column {
            id: cards
            width: page.contentWidth
            spacing: 32

            NoticeLine { width: parent.width }
            Card {
                visible: Basket.count > 0
                width: parent.width
                spacing: 28

                Item {
                    width: parent.width
                    height: Math.max(name.height, price.height)
                    Column {
                        id: name
                        width: parent.width - price.width - 32
                        Words { width: parent.width; role: "title"; weight: Font.DemiBold; text: Basket.heading }
                        Words { width: parent.width; role: "small"; color: Theme.text2; text: I18n.t("basket.digital.note") }
                    }
                    Money {
                        id: price
                        anchors { right: parent.right; verticalCenter: parent.verticalCenter }
                        satang: Basket.digital
                        role: "h2"
                    }
                }
                ListView {
                    id: thumbs
                    objectName: "basket.photos"
                    readonly property real side: Theme.isPortrait ? 164 : 192
                    width: parent.width
                    height: side
                    orientation: ListView.Horizontal
                    spacing: Theme.isPortrait ? 15 : 16
                    clip: true
                    reuseItems: true
                    boundsBehavior: Flickable.StopAtBounds
                    model: Basket.photos
                    delegate: Item {
                        id: thumb
                        required property string photoId
                        required property int index
                        readonly property Item firstStop: out
                        readonly property Item lastStop: out
                        width: thumbs.side
                        height: thumbs.side
                        Photo { anchors.fill: parent; photoId: thumb.photoId; saysMissing: false }
                        readonly property ListWalk walk: ListWalk { view: thumbs }
                        RoundButton {
                            id: out
                            Keys.onTabPressed: thumb.walk.go(thumb.index, true)
                            Keys.onBacktabPressed: thumb.walk.go(thumb.index, false)
                            objectName: "basket.remove." + thumb.photoId
                            anchors { right: parent.right; top: parent.top }
                            width: 88
                            height: 88
                            iconName: "x"
                            iconSize: 32
                            text: I18n.t("basket.remove")
                            background: Item {
                                Rectangle { anchors.centerIn: parent; width: 56; height: 56; radius: 28; color: Qt.alpha(Theme.bg, 0.8) }
                            }
                            onClicked: Basket.takeOut(thumb.photoId)
                        }
                    }
                    remove: Transition { NumberAnimation { property: "opacity"; to: 0; duration: Theme.stateMs } }
                    displaced: Transition { NumberAnimation { property: "x"; duration: Theme.pageMs; easing.type: Easing.OutCubic } }
                }
                PackageGrid { width: parent.width }
                Column {
                    width: parent.width
                    spacing: 4
                    StatusRow {
                        width: parent.width
                        iconName: Basket.hasOffer ? "tag" : "check"
                        tone: Theme.gold
                        ink: Theme.text
                        weight: Font.Medium
                        text: Basket.hint
                    }
                    Words {
                        x: 48
                        visible: Basket.singly > Basket.digital
                        width: parent.width - 48
                        role: "small"
                        color: Theme.text2
                        text: I18n.t("basket.singly", { amount: Translator.baht(Basket.singly) })
                    }
                }
            }

            Card {
                visible: Basket.hasPrints && !Basket.isEmpty
                width: parent.width
                spacing: 24

                Item {
                    width: parent.width
                    height: Math.max(printsName.height, printsPrice.height)
                    Column {
                        id: printsName
                        anchors.verticalCenter: parent.verticalCenter
                        width: parent.width - (printsPrice.visible ? printsPrice.width + 32 : 0)
                        Words { width: parent.width; role: "title"; weight: Font.DemiBold; text: I18n.t("basket.prints") }
                        Words {
                            objectName: "basket.printsNote"
                            visible: text !== ""
                            width: parent.width
                            role: "small"
                            color: Theme.text2
                            text: Basket.printsNote
                        }
                    }
                    Money {
                        id: printsPrice
                        visible: Basket.printsTotal > 0
                        anchors { right: parent.right; verticalCenter: parent.verticalCenter }
                        satang: Basket.printsTotal
                        role: "h2"
                    }
                }
                Repeater {
                    model: Basket.prints
                    PrintLine {
                        width: parent ? parent.width : 0
                    }
                }
                KioskButton {
                    objectName: "basket.addPrint"
                    height: 80
                    kind: "quiet"
                    role: "body"
                    iconName: "plus"
                    text: I18n.t("basket.prints.add")
                    onClicked: Navigator.openSheet("PrintSheet")
                }
            }
        }
    }

    /* Voucher and total: above the primary in portrait, in the action column in landscape. */
    Column {
        id: bill
        visible: !Basket.isEmpty
        x: page.actionX
        y: page.primaryTop - height - (Theme.isPortrait ? 20 : 24)
        width: page.actionWidth
        spacing: Theme.isPortrait ? 8 : 20

        KioskButton {
            objectName: "basket.voucher"
            visible: Basket.voucherCode === ""
            height: 88
            kind: "quiet"
            role: "body"
            iconName: "tag"
            text: I18n.t("basket.voucher")
            onClicked: Navigator.openSheet("VoucherSheet")
        }
        Item {
            visible: Basket.voucherCode !== ""
            width: parent.width
            height: Math.max(96, applied.height)
            StatusRow {
                id: applied
                anchors.verticalCenter: parent.verticalCenter
                width: parent.width - 112
                role: "body"
                iconName: "tag"
                tone: Theme.ok
                ink: Theme.text
                text: I18n.t("basket.voucher.applied", { code: Basket.voucherCode, amount: Translator.baht(Basket.discount) })
            }
            RoundButton {
                objectName: "basket.voucherRemove"
                anchors { right: parent.right; verticalCenter: parent.verticalCenter }
                width: 80; height: 80
                isOutlined: true
                iconName: "x"
                iconSize: 32
                text: I18n.t("basket.remove")
                onClicked: Basket.removeVoucher()
            }
        }
        Rectangle { visible: !page.isLow; width: parent.width; height: 2; color: Theme.line }
        /* Brought lower, the button alone says it. */
        Item {
            visible: !page.isLow
            width: parent.width
            height: Math.max(total.height, totalWords.height)
            Column {
                id: totalWords
                anchors.verticalCenter: parent.verticalCenter
                width: Theme.isPortrait ? parent.width - total.width - 32 : parent.width
                /* Beside a long sum there is no room for larger words. */
                Words { role: "title"; textScale: Theme.isPortrait ? Theme.textScale : 1; text: I18n.t("basket.total") }
                Words {
                    visible: Theme.isPortrait && Basket.amountsVary
                    width: parent.width
                    role: "small"
                    color: Theme.text2
                    text: I18n.t("basket.satang")
                }
            }
            Money {
                id: total
                anchors { right: parent.right; verticalCenter: parent.verticalCenter }
                satang: Basket.total
                role: Theme.largerText && !Theme.isPortrait ? "h2" : "h1"
                unitRole: Theme.largerText && !Theme.isPortrait ? "body" : "title"
            }
        }
        Words {
            visible: !Theme.isPortrait && Basket.amountsVary
            width: parent.width
            role: "small"
            color: Theme.text2
            text: I18n.t("basket.satang")
        }
    }

    primary: KioskButton {
        objectName: "basket.pay"
        anchors.fill: parent
        kind: "primary"
        iconName: "scan-line"
        reason: Basket.isEmpty ? I18n.t("basket.empty") : ""
        text: I18n.t("basket.pay", { amount: Translator.baht(Basket.total) })
        onClicked: Basket.pay()
    }
}
