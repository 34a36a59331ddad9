import QtQuick
import Kiosk
import "../components"

/* Without a face: a time and a place, the number on a shirt, that of a photo, every photo, or an order code. */
PageFrame {
    id: page
    objectName: "page.manual"
    announced: I18n.t("manual.title")

    readonly property real secondHeight: page.isLow ? 80 : Theme.isPortrait ? 128 : 104
    readonly property bool isByTime: Manual.way === "time"
    readonly property bool isByBib: Manual.way === "bib"
    /* Three ways stand in one row of an upright screen without their icons only. */
    readonly property bool isTight: Theme.isPortrait && Session.readsNumbers
    readonly property string typed: isByBib ? Manual.bib : Manual.number
    readonly property string hint: I18n.t(isByBib ? "manual.bib" : "manual.photo")

    Keys.onPressed: event => {
        if (isByTime)
            return;
        if (event.key === Qt.Key_Backspace)
            page.show(page.typed.slice(0, -1));
        else if (/^[0-9]$/.test(event.text))
            type(event.text);
        else
            return;
        event.accepted = true;
    }
    function type(digit: string) {
        show((typed + digit).slice(0, Manual.mostDigits));
    }
    function show(text: string) {
        if (isByBib)
            Manual.typeBib(text);
        else
            Manual.typeNumber(text);
    }

    Words {
        id: heading
        x: page.contentX
        y: page.contentTop + (Theme.isPortrait ? 16 : -16)
        width: page.contentWidth
        role: Theme.isPortrait ? "h1" : "h2"
        weight: Font.DemiBold
        text: I18n.t("manual.title")
    }
    Flow {
        id: tabs
        x: page.contentX
        y: Theme.lower ? Theme.reachTop : heading.y + heading.height + (Theme.isPortrait ? 32 : 20)
        width: page.contentWidth
        spacing: 16
        KioskButton {
            objectName: "manual.time"
            height: page.isLow ? 72 : 88
            isPill: true
            role: "body"
            maximumLines: 1
            iconName: page.isTight ? "" : "clock"
            isSelected: page.isByTime
            Accessible.role: Accessible.RadioButton
            Accessible.checked: isSelected
            text: I18n.t("none.time")
            onClicked: Manual.goBy("time")
        }
        KioskButton {
            objectName: "manual.bib"
            visible: Session.readsNumbers
            height: page.isLow ? 72 : 88
            isPill: true
            role: "body"
            maximumLines: 1
            iconName: page.isTight ? "" : "tag"
            isSelected: page.isByBib
            Accessible.role: Accessible.RadioButton
            Accessible.checked: isSelected
            text: I18n.t("none.bib")
            onClicked: Manual.goBy("bib")
        }
        KioskButton {
            objectName: "manual.number"
            height: page.isLow ? 72 : 88
            isPill: true
            role: "body"
            maximumLines: 1
            iconName: page.isTight ? "" : "hash"
            isSelected: Manual.way === "number"
            Accessible.role: Accessible.RadioButton
            Accessible.checked: isSelected
            text: I18n.t("none.number")
            onClicked: Manual.goBy("number")
        }
    }

    ScrollArea {
        x: page.contentX
        y: tabs.y + tabs.height + (Theme.lower ? 8 : Theme.isPortrait ? 56 : 32)
        width: page.contentWidth
        height: page.contentBottom - y + (page.isLow ? 12 : -8)
        innerHeight: panel.height

        Column {
            id: panel
            width: page.contentWidth
            spacing: 32

            NoticeLine { width: parent.width; visible: Theme.isPortrait && !page.isLow && hasSentence }
            ChipGroup {
                visible: page.isByTime
                width: parent.width
                name: "manual.hour"
                title: I18n.t("manual.time")
                anyText: I18n.t("manual.any_time")
                options: Manual.hours
                current: Manual.hour
                onPicked: index => Manual.pickHour(index)
            }
            Item { visible: page.isByTime && Manual.places.length > 0; width: 1; height: 16 }
            ChipGroup {
                visible: page.isByTime && Manual.places.length > 0
                width: parent.width
                name: "manual.place"
                title: I18n.t("manual.place")
                anyText: I18n.t("manual.any_place")
                options: Manual.places
                current: Manual.place
                onPicked: index => Manual.pickPlace(index)
            }
            EntryField {
                visible: !page.isByTime && !Theme.lower
                anchors.horizontalCenter: parent.horizontalCenter
                width: 640
                text: page.typed
                hint: page.hint
                onCleared: page.show("")
            }
            Keypad {
                visible: !page.isByTime
                anchors.horizontalCenter: parent.horizontalCenter
                width: Theme.lower ? parent.width : 640
                columns: Theme.lower ? 6 : 3
                keyHeight: !Theme.lower ? 92 : Theme.isPortrait ? 64 : 88
                onTyped: digit => page.type(digit)
                onErased: page.show(page.typed.slice(0, -1))
            }
        }
    }

    /* Brought lower: above the keys, and erased with them. */
    EntryField {
        visible: !page.isByTime && Theme.lower
        x: page.contentX
        y: tabs.y - height - 24
        width: page.contentWidth
        canClear: false
        text: page.typed
        hint: page.hint
    }
    NoticeLine {
        visible: page.isLow && hasSentence
        x: page.contentX
        y: heading.y + heading.height + 24
        width: page.contentWidth
    }
    NoticeLine {
        visible: !Theme.isPortrait && hasSentence
        x: page.sideX
        y: page.sideTop
        width: page.sideWidth
    }

    seconds: [
        KioskButton {
            objectName: "manual.all"
            role: "body"
            implicitHeight: page.secondHeight
            iconName: "layout-grid"
            text: I18n.t("none.all")
            onClicked: Results.findAll()
        },
        KioskButton {
            objectName: "manual.order"
            role: "body"
            implicitHeight: page.secondHeight
            text: I18n.t("attract.redownload")
            onClicked: Navigator.openSheet("OrderSheet")
        }
    ]
    primary: KioskButton {
        objectName: "manual.search"
        anchors.fill: parent
        kind: "primary"
        iconName: "search"
        reason: !page.isByTime && page.typed === "" ? page.hint : ""
        text: I18n.t("manual.search")
        onClicked: Manual.search()
    }
}
