pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* A moment of the flight recorder: when, in which lane, what, and what its code means. */
Item {
    id: moment

    required property string lane
    required property int laneIndex
    required property string time
    required property string words
    required property string code
    required property string codeText
    required property string facts
    required property bool isTrouble
    required property real laneWidth
    required property real timeWidth
    required property var icons

    readonly property string second: [code, facts].filter(text => text !== "").join(" · ")
    readonly property string laneTitle: icons[laneIndex] ? icons[laneIndex].title : lane

    height: said.height + 20
    Accessible.role: Accessible.ListItem
    Accessible.name: [time, laneTitle, words, code, codeText, facts].filter(text => text !== "").join(", ")

    Words {
        y: 10
        width: moment.timeWidth
        role: "small"
        textScale: 0.9
        color: Theme.text2
        wrapMode: Text.NoWrap
        text: moment.time
        Accessible.ignored: true
    }
    Repeater {
        model: moment.icons.length
        Rectangle {
            required property int index
            x: moment.timeWidth + (index + 0.5) * moment.laneWidth - 1
            width: 2
            height: moment.height
            color: Theme.line
        }
    }
    Rectangle {
        x: moment.timeWidth + (moment.laneIndex + 0.5) * moment.laneWidth - width / 2
        y: 10 + (34 - height) / 2
        width: 40
        height: 40
        radius: 20
        color: moment.isTrouble ? Theme.bad : Theme.s2
        border { width: moment.isTrouble ? 0 : 2; color: Theme.edge }
        Icon {
            anchors.centerIn: parent
            size: 24
            name: moment.icons[moment.laneIndex] ? moment.icons[moment.laneIndex].icon : ""
            tint: moment.isTrouble ? Theme.onPaper : Theme.text
        }
    }
    Column {
        id: said
        x: moment.timeWidth + moment.icons.length * moment.laneWidth + 24
        y: 10
        width: moment.width - x
        Words {
            width: parent.width
            role: "small"
            textScale: 0.92
            weight: moment.isTrouble ? Font.DemiBold : Font.Normal
            text: moment.words
            Accessible.ignored: true
        }
        Words {
            visible: text !== ""
            width: parent.width
            role: "small"
            textScale: 0.82
            color: Theme.text
            text: moment.codeText
            Accessible.ignored: true
        }
        Words {
            visible: text !== ""
            width: parent.width
            role: "staff"
            textScale: 1.05
            color: Theme.text2
            wrapMode: Text.Wrap
            text: moment.second
            Accessible.ignored: true
        }
    }
}
