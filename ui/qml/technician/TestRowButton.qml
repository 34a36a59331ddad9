import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* A row of the self-test: how it stands, what is tested, what was measured. */
T.AbstractButton {
    id: row

    required property string name
    required property string standing
    required property string title
    required property string words
    required property string stateText
    property bool isSelected: false
    readonly property bool needsSomebody: standing === "look" || standing === "failed"
    readonly property real titleWidth: Math.min(380, width * 0.31)

    objectName: "test.row." + name
    height: 74
    focusPolicy: Qt.StrongFocus
    text: title
    Accessible.role: Accessible.ListItem
    Accessible.name: title + ", " + stateText + (words === "" ? "" : ", " + words)
    Accessible.selected: isSelected
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    background: Rectangle {
        radius: Theme.radiusTile
        color: row.isSelected || row.down ? Theme.s2 : "transparent"
    }
    contentItem: Item {
        TestMark {
            x: 20
            anchors.verticalCenter: parent.verticalCenter
            standing: row.standing
        }
        Words {
            x: 88
            anchors.verticalCenter: parent.verticalCenter
            width: row.titleWidth - 16
            role: "small"
            weight: Font.Medium
            maximumLineCount: 1
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: 20
            elide: Text.ElideRight
            text: row.title
            Accessible.ignored: true
        }
        Words {
            x: 88 + row.titleWidth
            anchors.verticalCenter: parent.verticalCenter
            width: row.width - x - stateWords.width - 44
            role: "small"
            textScale: 0.86
            color: Theme.text2
            lineHeight: Theme.isThai ? 34 : 30
            maximumLineCount: 2
            text: row.words
            Accessible.ignored: true
        }
        Words {
            id: stateWords
            anchors.verticalCenter: parent.verticalCenter
            x: row.width - width - 24
            role: "small"
            textScale: 0.86
            wrapMode: Text.NoWrap
            color: row.needsSomebody ? Theme.text : Theme.text2
            text: row.stateText
            Accessible.ignored: true
        }
    }
    FocusRing { isShown: row.visualFocus; around: Theme.radiusTile }
}
