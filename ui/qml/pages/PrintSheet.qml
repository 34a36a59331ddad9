pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* One more print: which photo, what size, what paper. */
Sheet {
    id: sheet
    objectName: "PrintSheet"
    property string photoId: ""
    property int offer: 0
    property bool isGlossy: true

    title: I18n.t("basket.prints.add")
    onDismissed: Navigator.closeSheet()

    ListView {
        id: photos
        width: parent.width
        height: 192
        orientation: ListView.Horizontal
        spacing: 16
        clip: true
        reuseItems: true
        boundsBehavior: Flickable.StopAtBounds
        model: Basket.photos
        delegate: T.AbstractButton {
            id: choice
            required property string photoId
            required property int index
            readonly property bool isPicked: sheet.photoId === photoId
            objectName: "print.photo." + photoId
            width: 176
            height: 192
            focusPolicy: Qt.StrongFocus
            Accessible.role: Accessible.RadioButton
            Accessible.name: I18n.t("phone.photo", { n: index + 1 })
            Accessible.checked: isPicked
            onClicked: sheet.photoId = photoId
            Photo { anchors.fill: parent; photoId: choice.photoId; saysMissing: false }
            Rectangle {
                anchors.fill: parent
                visible: choice.isPicked
                radius: Theme.radiusTile
                color: "transparent"
                border { width: 8; color: Theme.gold }
            }
            Rectangle {
                anchors { right: parent.right; top: parent.top; margins: 16 }
                visible: choice.isPicked
                width: 56; height: 56; radius: 28
                color: Theme.gold
                Icon { anchors.centerIn: parent; name: "check"; tint: Theme.onGold; size: 32 }
            }
        }
    }
    Words { role: "title"; weight: Font.DemiBold; text: I18n.t("basket.size") }
    Flow {
        width: parent.width
        spacing: 16
        Repeater {
            model: Basket.printOffers
            KioskButton {
                required property var modelData
                required property int index
                objectName: "print.size." + index
                height: 80
                isPill: true
                role: "small"
                maximumLines: 1
                isSelected: sheet.offer === index
                text: modelData.text + " · " + I18n.money(modelData.satang)
                onClicked: sheet.offer = index
            }
        }
    }
    Words { role: "title"; weight: Font.DemiBold; text: I18n.t("basket.finish") }
    Row {
        spacing: 16
        Repeater {
            model: [true, false]
            KioskButton {
                required property bool modelData
                objectName: modelData ? "print.glossy" : "print.matte"
                height: 80
                isPill: true
                role: "small"
                isSelected: sheet.isGlossy === modelData
                text: I18n.t(modelData ? "basket.glossy" : "basket.matte")
                onClicked: sheet.isGlossy = modelData
            }
        }
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "print.add"
        width: parent.width
        height: 128
        kind: "primary"
        iconName: "plus"
        reason: sheet.photoId === "" ? I18n.t("basket.print.pick") : ""
        text: I18n.t("basket.prints.add")
        onClicked: {
            Basket.addPrint(sheet.photoId, sheet.offer, sheet.isGlossy);
            Navigator.closeSheet();
        }
    }
    KioskButton {
        objectName: "cancel"
        width: parent.width
        height: 96
        kind: "quiet"
        role: "body"
        focus: true
        text: I18n.t("common.cancel")
        onClicked: Navigator.closeSheet()
    }
}
