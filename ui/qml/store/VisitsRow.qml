import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* One visit: picture while it is kept, who, when, before which camera. Touched where there is something to do:
   somebody to open, or a tick to set. */
T.AbstractButton {
    id: row

    required property var visit
    property bool hasName: true
    property bool isTickable: false
    property bool isTicked: false
    property color ground: Theme.s1
    readonly property bool isOpen: isTickable || (hasName && visit.personId !== "")
    readonly property bool isWide: width > 1200
    readonly property string when: visit.whenText
    readonly property string who: hasName ? visit.name : when
    readonly property string below: [hasName && !isWide ? when : "", isWide ? "" : visit.camera].filter(part => part !== "").join(" · ")

    objectName: "visit." + visit.visitId
    implicitHeight: 96
    enabled: isOpen
    focusPolicy: isOpen ? Qt.StrongFocus : Qt.NoFocus
    Accessible.role: isTickable ? Accessible.CheckBox : isOpen ? Accessible.Button : Accessible.ListItem
    Accessible.name: who + (visit.numberText === "" ? "" : ", " + visit.numberText)
    Accessible.description: when + ", " + visit.camera
    Accessible.checked: isTicked
    Keys.onReturnPressed: click()

    background: Rectangle {
        radius: Theme.radiusTile
        color: row.down ? Theme.s2 : row.ground
    }
    contentItem: Item {
        PersonFace {
            id: face
            x: 12
            anchors.verticalCenter: parent.verticalCenter
            width: 72; height: 72
            radius: 36
            pictureKey: row.visit.pictureKey
        }
        Column {
            x: 108
            anchors.verticalCenter: parent.verticalCenter
            width: (row.isWide ? 560 : parent.width - x - sign.width - 24)
            Row {
                width: parent.width
                spacing: 16
                Words {
                    width: Math.min(Math.ceil(implicitWidth), parent.width - (number.visible ? number.width + 16 : 0))
                    role: "small"
                    weight: row.visit.isKnown || !row.hasName ? Font.DemiBold : Font.Normal
                    color: row.visit.isKnown || !row.hasName ? Theme.text : Theme.text2
                    wrapMode: Text.NoWrap
                    elide: Text.ElideRight
                    text: row.who
                    Accessible.ignored: true
                }
                Words {
                    id: number
                    visible: text !== ""
                    role: "small"
                    textScale: 0.9
                    color: row.visit.isReturning ? Theme.gold : Theme.text2
                    wrapMode: Text.NoWrap
                    text: row.visit.numberText
                    Accessible.ignored: true
                }
            }
            Words {
                visible: text !== ""
                width: parent.width
                role: "small"
                textScale: 0.85
                color: Theme.text2
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
                text: row.below
                Accessible.ignored: true
            }
        }
        Words {
            visible: row.isWide
            x: 700
            anchors.verticalCenter: parent.verticalCenter
            width: 520
            role: "small"
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: row.hasName ? row.when : ""
            Accessible.ignored: true
        }
        Words {
            visible: row.isWide
            x: row.hasName ? 1240 : 700
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - x - sign.width - 24
            role: "small"
            color: Theme.text2
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: row.visit.camera
            Accessible.ignored: true
        }
        Item {
            id: sign
            anchors { right: parent.right; rightMargin: 16; verticalCenter: parent.verticalCenter }
            width: row.isTickable ? 56 : 36
            height: 56
            Icon {
                visible: row.isOpen && !row.isTickable
                anchors.centerIn: parent
                name: "chevron-right"
                tint: Theme.text2
                size: 36
            }
            TickDisc { anchors.fill: parent; visible: row.isTickable; isTicked: row.isTicked }
        }
    }
    FocusRing { isShown: row.visualFocus; around: Theme.radiusTile }
}
