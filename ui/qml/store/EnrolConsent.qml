pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What somebody is told before they are recognised, and their answer: both answers of one size. They read it
   themselves, in their language. */
Item {
    id: consent

    required property bool isStaff
    property bool isWaiting: false
    readonly property string who: isStaff ? "staff" : "customer"
    readonly property real sideWidth: Theme.isPortrait ? width : 480
    readonly property real readingWidth: Theme.isPortrait ? width : width - sideWidth - 80
    readonly property var points: [
        { icon: "camera", key: "store.consent.what", ending: who },
        { icon: "clock", key: "store.consent.keep", ending: who },
        { icon: "check", key: "store.consent.choice", ending: who },
        { icon: "trash-2", key: "store.consent.withdraw", ending: "text" }
    ]
    signal agreed
    signal refused

    Words {
        id: heading
        width: consent.readingWidth
        role: Theme.isPortrait ? "h1" : "h2"
        weight: Font.DemiBold
        text: I18n.t("store.consent.title." + consent.who)
    }
    ScrollArea {
        id: reading
        y: heading.height + 40
        width: consent.readingWidth
        height: (Theme.isPortrait ? side.y - 24 : consent.height) - y
        innerHeight: list.height

        Grid {
            id: list
            width: reading.width
            columns: Theme.isPortrait ? 1 : 2
            columnSpacing: 56
            rowSpacing: Theme.isPortrait ? 40 : 44

            Repeater {
                model: consent.points
                Item {
                    id: point
                    required property var modelData
                    width: Theme.isPortrait ? list.width : (list.width - 56) / 2
                    height: words.height

                    Rectangle {
                        y: 6
                        width: 64; height: 64; radius: 32
                        color: Theme.s2
                        Icon { anchors.centerIn: parent; name: point.modelData.icon; size: 34 }
                    }
                    Column {
                        id: words
                        x: 92
                        width: parent.width - 92
                        Words {
                            width: parent.width
                            role: "title"
                            weight: Font.DemiBold
                            text: I18n.t(point.modelData.key + ".head")
                        }
                        Words {
                            width: parent.width
                            color: Theme.text2
                            text: I18n.t(point.modelData.key + "." + point.modelData.ending, { operator: Store.operatorName, n: Enrolment.pictureDays })
                        }
                    }
                }
            }
        }
    }
    Column {
        id: side
        x: Theme.isPortrait ? 0 : consent.width - width
        y: consent.height - height
        width: consent.sideWidth
        spacing: 20

        Words { width: parent.width; role: "small"; weight: Font.Medium; text: I18n.t("store.consent.reader") }
        Words { width: parent.width; role: "small"; text: I18n.t("store.consent.child") }
        Words {
            width: parent.width
            role: "small"
            textScale: 0.9
            color: Theme.text2
            text: I18n.t("store.consent.record", { version: Store.consentVersion })
        }
        Item { width: 1; height: 4 }
        KioskButton {
            objectName: "consent.refuse"
            width: parent.width
            height: 112
            role: "title"
            text: I18n.t("store.consent.refuse")
            onClicked: consent.refused()
        }
        KioskButton {
            objectName: "consent.agree"
            width: parent.width
            height: 112
            kind: "primary"
            role: "title"
            isWaiting: consent.isWaiting
            text: I18n.t("store.consent.agree")
            onClicked: consent.agreed()
        }
    }
}
