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
    readonly property var paper: Basket.printOffers[offer] ?? null
    readonly property bool hasPaper: paper !== null && (isGlossy ? paper.hasGlossy : paper.hasMatte)
    readonly property string sharpness: photoId === "" ? "" : Basket.sharpnessHint(photoId, offer)

    title: I18n.t("basket.prints.add")
    onDismissed: Navigator.closeSheet()

    /* A size, on a paper that there is of it. */
    function pick(index: int) {
        offer = index;
        if (!hasPaper)
            isGlossy = paper !== null && paper.hasGlossy;
    }
    Component.onCompleted: pick(Math.max(0, Basket.printOffers.findIndex(each => each.hasGlossy || each.hasMatte)))

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
            readonly property Item firstStop: choice
            readonly property Item lastStop: choice
            readonly property ListWalk walk: ListWalk { view: photos }
            Keys.onTabPressed: walk.go(index, true)
            Keys.onBacktabPressed: walk.go(index, false)
            readonly property bool isPicked: sheet.photoId === photoId
            Component.onCompleted: if (photos.count === 1) sheet.photoId = photoId
            objectName: "print.photo." + photoId
            width: 176
            height: 192
            focusPolicy: Qt.StrongFocus
            Accessible.role: Accessible.RadioButton
            Accessible.name: I18n.t("phone.photo", { n: index + 1 })
            Accessible.checked: isPicked
            onClicked: sheet.photoId = photoId
            Photo { anchors.fill: parent; photoId: choice.photoId; saysMissing: false }
            FocusRing { z: 1; isShown: choice.visualFocus; around: Theme.radiusTile - 8; anchors.margins: 0 }
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
                reason: modelData.hasGlossy || modelData.hasMatte ? "" : I18n.t("basket.prints.out", { size: modelData.text })
                text: modelData.text + " · " + I18n.money(modelData.satang)
                onClicked: sheet.pick(index)
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
                reason: sheet.paper === null || (modelData ? sheet.paper.hasGlossy : sheet.paper.hasMatte) ? ""
                    : I18n.t("basket.prints.out", { size: I18n.t(modelData ? "basket.glossy" : "basket.matte") })
                text: I18n.t(modelData ? "basket.glossy" : "basket.matte")
                onClicked: sheet.isGlossy = modelData
            }
        }
    }
    StatusRow {
        objectName: "print.hint"
        visible: text !== ""
        width: parent.width
        iconName: "circle-help"
        tone: Theme.gold
        ink: Theme.text
        text: sheet.hasPaper ? sheet.sharpness : I18n.t("basket.prints.none")
    }
    KioskButton {
        objectName: "print.add"
        width: parent.width
        height: Theme.isPortrait ? 128 : 104
        kind: "primary"
        iconName: "plus"
        reason: sheet.paper !== null && !sheet.hasPaper ? I18n.t("basket.prints.out", { size: sheet.paper.text }) : sheet.photoId === "" ? I18n.t("basket.print.pick") : ""
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
