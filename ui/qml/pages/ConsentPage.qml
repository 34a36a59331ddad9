pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What is done with the face, how long, the way without, the way back; a refusal of the same size. */
PageFrame {
    id: page
    objectName: "page.consent"
    announced: heading.text

    readonly property var points: [
        { icon: "camera", key: "consent.what" },
        { icon: "clock", key: "consent.keep" },
        { icon: "hash", key: "consent.choice", textKey: Session.readsNumbers ? "consent.choice.bib" : "consent.choice.text" },
        { icon: "trash-2", key: "consent.withdraw" }
    ]
    /* Also while the page goes, a friend having turned back from it. */
    property bool isForFriend: false
    readonly property string whoDecides: (isForFriend ? I18n.t("together.ask.note") + "\n" : "") + I18n.t("consent.child")
    readonly property bool isAsking: Together.isAdding
    areSecondsStacked: true
    onIsAskingChanged: if (isAsking || Session.screen === "consent") isForFriend = isAsking
    Component.onCompleted: isForFriend = Together.isAdding

    Words {
        id: heading
        x: page.contentX
        y: page.contentTop + (Theme.isPortrait ? 16 : -16)
        width: page.contentWidth
        role: "h1"
        weight: Font.DemiBold
        text: I18n.t(page.isForFriend ? "together.ask.title" : "consent.title")
    }

    ScrollArea {
        id: reading
        x: page.contentX
        anchors { top: heading.bottom; topMargin: Theme.isPortrait ? 56 : 40 }
        width: page.contentWidth
        height: (Theme.isPortrait ? rule.y - 24 : page.contentBottom) - y
        innerHeight: list.height

        Grid {
            id: list
            width: reading.width
            columns: Theme.isPortrait ? 1 : 2
            columnSpacing: 64
            rowSpacing: 56

            Repeater {
                model: page.points
                Item {
                    id: point
                    required property var modelData
                    width: Theme.isPortrait ? list.width : (list.width - 64) / 2
                    height: words.height

                    Rectangle {
                        y: 8
                        width: 72; height: 72; radius: 36
                        color: Theme.s2
                        Icon { anchors.centerIn: parent; name: point.modelData.icon; size: 38 }
                    }
                    Column {
                        id: words
                        x: 108
                        width: parent.width - 108
                        Words {
                            width: parent.width
                            role: "title"
                            weight: Font.DemiBold
                            text: I18n.t(point.modelData.key + ".head")
                        }
                        Words {
                            width: parent.width
                            color: Theme.text2
                            text: I18n.t(point.modelData.textKey ?? point.modelData.key + ".text", { n: Session.keepMinutes })
                        }
                    }
                }
            }
        }
    }

    Rectangle {
        id: rule
        visible: Theme.isPortrait
        x: 64
        y: small.y - 28
        width: 952; height: 2
        color: Theme.line
    }
    Column {
        id: small
        x: page.actionX
        y: Theme.isPortrait ? page.contentBottom - height : Theme.lower ? page.secondTop - height - 24 : page.sideTop
        width: page.actionWidth
        spacing: Theme.isPortrait ? 8 : 24

        Item {
            visible: Theme.isPortrait
            width: parent.width
            height: Math.max(80, child.height)
            Words {
                id: child
                anchors.verticalCenter: parent.verticalCenter
                width: parent.width - readAll.width - 24
                role: "small"
                text: page.whoDecides
            }
            KioskButton {
                id: readAll
                objectName: "consent.readAll"
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                height: 80
                isPill: true
                role: "small"
                text: I18n.t("consent.read_all")
                onClicked: Navigator.openSheet("ConsentTextSheet")
            }
        }
        Words {
            visible: !Theme.isPortrait
            width: parent.width
            text: page.whoDecides
        }
        Words {
            width: parent.width
            role: "small"
            color: Theme.text2
            text: I18n.t("consent.record", { version: Session.termsVersion })
        }
        KioskButton {
            objectName: "consent.readAllWide"
            visible: !Theme.isPortrait
            width: parent.width
            height: 88
            isPill: true
            role: "small"
            text: I18n.t("consent.read_all")
            onClicked: Navigator.openSheet("ConsentTextSheet")
        }
    }

    seconds: KioskButton {
        objectName: "consent.decline"
        text: I18n.t(page.isForFriend ? "together.ask.decline" : "consent.decline")
        onClicked: Session.decline()
    }
    primary: KioskButton {
        objectName: "consent.agree"
        anchors.fill: parent
        kind: "primary"
        iconName: "camera"
        text: I18n.t("consent.agree")
        onClicked: Session.agree()
    }
}
