pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Vouchers: what each is worth, how often it was used, what it took off; new ones are made and printed. */
StaffPage {
    id: page
    objectName: "staff.page.vouchers"
    title: I18n.t("staff.place.vouchers")

    actions: [
        StaffButton {
            objectName: "vouchers.make"
            height: 64
            kind: StaffVouchers.made.length > 0 ? "secondary" : "primary"
            iconName: "plus"
            text: I18n.t("staff.vouchers.make")
            onClicked: StaffNavigator.openSheet("staff/StaffVoucherSheet")
        }
    ]

    StaffCard {
        id: made
        visible: StaffVouchers.made.length > 0
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        title: I18n.counted("staff.vouchers.made", StaffVouchers.made.length)
        corner: [
            StaffButton {
                objectName: "vouchers.print"
                height: 64
                kind: "primary"
                iconName: "printer"
                text: I18n.t("staff.vouchers.print")
                onClicked: StaffVouchers.printMade()
            }
        ]
        StaffWords {
            width: parent.width
            size: 27
            thai: false
            maximumLineCount: 3
            text: StaffVouchers.made.join("   ")
        }
    }
    StaffEmpty {
        visible: StaffVouchers.rows.length === 0
        anchors.centerIn: parent
        width: page.contentWidth * 0.7
        iconName: "tag"
        text: I18n.t("staff.vouchers.none")
    }
    ScrollArea {
        id: area
        x: page.contentX
        y: made.visible ? made.y + made.height + 20 : page.contentTop
        width: page.contentWidth
        height: page.height - y
        innerHeight: list.height + 36
        StaffCard {
            id: list
            visible: StaffVouchers.rows.length > 0
            width: area.width
            spacing: 0
            Repeater {
                model: StaffVouchers.rows
                Item {
                    id: voucher
                    required property var modelData
                    required property int index
                    readonly property bool isNarrow: width < 1100
                    width: list.innerWidth
                    height: isNarrow ? 108 : 84
                    Accessible.role: Accessible.ListItem
                    Accessible.name: [modelData.code, modelData.what, modelData.used, modelData.until].join(", ")
                    Rectangle { visible: voucher.index > 0; width: parent.width; height: 1; color: Theme.line }
                    StaffWords {
                        y: voucher.isNarrow ? 16 : (parent.height - lineHeight) / 2
                        width: voucher.isNarrow ? 340 : 260
                        thai: false
                        weight: Font.DemiBold
                        color: voucher.modelData.isOver ? Theme.text2 : Theme.text
                        wrapMode: Text.NoWrap
                        elide: Text.ElideRight
                        text: voucher.modelData.code
                        Accessible.ignored: true
                    }
                    StaffWords {
                        x: voucher.isNarrow ? 0 : 270
                        y: voucher.isNarrow ? 56 : (parent.height - lineHeight) / 2
                        width: voucher.isNarrow ? 340 : 280
                        wrapMode: Text.NoWrap
                        elide: Text.ElideRight
                        text: voucher.modelData.what
                        Accessible.ignored: true
                    }
                    StaffWords {
                        x: voucher.isNarrow ? 350 : 560
                        y: voucher.isNarrow ? 16 : (parent.height - lineHeight) / 2
                        width: 230
                        wrapMode: Text.NoWrap
                        elide: Text.ElideRight
                        text: voucher.modelData.used
                        Accessible.ignored: true
                    }
                    StaffWords {
                        x: voucher.isNarrow ? 350 : 800
                        y: voucher.isNarrow ? 56 : (parent.height - lineHeight) / 2
                        width: 230
                        color: Theme.text2
                        wrapMode: Text.NoWrap
                        elide: Text.ElideRight
                        text: voucher.modelData.until
                        Accessible.ignored: true
                    }
                    StaffWords {
                        x: paper.x - width - 24
                        y: (parent.height - lineHeight) / 2
                        width: 170
                        horizontalAlignment: Text.AlignRight
                        wrapMode: Text.NoWrap
                        text: voucher.modelData.off
                    }
                    RoundButton {
                        id: paper
                        objectName: "voucher.print." + voucher.modelData.code
                        x: parent.width - width
                        y: (parent.height - height) / 2
                        width: 64; height: 64
                        iconSize: 30
                        iconName: "printer"
                        isOutlined: true
                        text: I18n.t("staff.vouchers.print") + " " + voucher.modelData.code
                        onClicked: StaffVouchers.printOne(voucher.modelData.code)
                    }
                }
            }
        }
    }
}
