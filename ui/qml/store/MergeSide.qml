import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* One of the two: touched, their facts are kept. */
T.AbstractButton {
    id: side

    required property var card
    required property string name
    required property bool isKept
    readonly property string line: I18n.t(isKept ? "store.merge.kept" : "store.merge.gone")
    signal picked

    objectName: "merge." + name
    readonly property real faceSide: Theme.isPortrait ? 180 : 140
    readonly property real wanted: words.y + words.height + 24
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.RadioButton
    Accessible.name: (card.name ?? "") + ", " + line
    Accessible.checked: isKept
    Keys.onReturnPressed: click()
    onClicked: picked()

    background: Rectangle {
        radius: Theme.radiusCard
        color: side.down ? Theme.s2 : Theme.s1
        border { width: side.isKept ? 6 : 2; color: side.isKept ? Theme.gold : Theme.line }
    }
    contentItem: Item {
        PersonFace {
            anchors.horizontalCenter: parent.horizontalCenter
            y: 24
            width: side.faceSide; height: side.faceSide
            radius: side.faceSide / 2
            pictureKey: side.card.pictureKey ?? ""
        }
        TickDisc {
            anchors { right: parent.right; top: parent.top; margins: 20 }
            width: 56; height: 56
            isTicked: side.isKept
        }
        Column {
            id: words
            x: 24
            y: 24 + side.faceSide + 12
            width: parent.width - 48
            spacing: 6
            Words {
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                role: text.length > 20 ? "body" : "title"
                weight: Font.DemiBold
                wrapMode: Text.Wrap
                text: side.card.name ?? ""
                Accessible.ignored: true
            }
            Words {
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                role: "small"
                color: Theme.text2
                text: [side.card.kindText, side.card.facesText, side.card.visitsText].join(" · ")
                Accessible.ignored: true
            }
            Words {
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                role: "small"
                textScale: 0.9
                color: Theme.text2
                text: side.card.sinceText ?? ""
                Accessible.ignored: true
            }
            Words {
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                role: "small"
                weight: Font.Medium
                color: side.isKept ? Theme.gold : Theme.text2
                text: side.line
                Accessible.ignored: true
            }
        }
    }
    FocusRing { isShown: side.visualFocus; around: Theme.radiusCard }
}
