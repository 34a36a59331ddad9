import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* Somebody in a list: face, name, what they are, how often they were here and when; the whole row is touched. */
T.AbstractButton {
    id: row

    required property var card
    readonly property string seen: card.kind === "staff" || card.lastText === "" ? "" : I18n.t("store.people.last", { when: card.lastText })
    readonly property string line: [card.kindText, card.visitsText, seen].filter(part => part !== "").join(" · ")

    objectName: "person." + card.personId
    implicitHeight: 120
    focusPolicy: Qt.StrongFocus
    scale: down ? 0.985 : 1
    Accessible.role: Accessible.Button
    Accessible.name: card.name
    Accessible.description: line
    Keys.onReturnPressed: click()
    Behavior on scale { NumberAnimation { duration: Theme.pressMs } }

    background: Rectangle {
        radius: Theme.radiusCard
        color: row.down ? Theme.s2 : Theme.s1
    }
    contentItem: Item {
        PersonFace {
            id: face
            x: 16
            anchors.verticalCenter: parent.verticalCenter
            width: 88; height: 88
            radius: 44
            pictureKey: row.card.pictureKey
        }
        Column {
            x: 128
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - x - 72
            Words {
                width: parent.width
                role: "body"
                weight: Font.DemiBold
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
                text: row.card.name
                Accessible.ignored: true
            }
            Row {
                width: parent.width
                spacing: 12
                PersonSign { id: sign; anchors.verticalCenter: parent.verticalCenter; kind: row.card.kind }
                Words {
                    width: parent.width - sign.width - 12
                    role: "small"
                    textScale: 0.9
                    color: Theme.text2
                    wrapMode: Text.NoWrap
                    elide: Text.ElideRight
                    text: row.line
                    Accessible.ignored: true
                }
            }
        }
        Icon {
            anchors { right: parent.right; rightMargin: 20; verticalCenter: parent.verticalCenter }
            name: "chevron-right"
            tint: Theme.text2
            size: 36
        }
    }
    FocusRing { isShown: row.visualFocus; around: Theme.radiusCard }
}
