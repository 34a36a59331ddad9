import QtQuick
import Kiosk

/* A short word on paper above the bar, for `lifeMs`, with a way back. `show(text, actionText)`; `acted` on Undo. */
Rectangle {
    id: toast

    signal acted
    property string text: ""
    property string actionText: ""
    property bool isGood: true
    property int lifeMs: 5000

    function show(words: string, action: string) {
        text = words;
        actionText = action;
        opacity = 1;
        life.restart();
    }

    visible: opacity > 0
    opacity: 0
    implicitHeight: Math.max(96, words.height + 36)
    radius: Theme.radiusControl
    color: Theme.paper
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    Behavior on opacity { NumberAnimation { duration: Theme.stateMs } }
    Timer { id: life; interval: toast.lifeMs; onTriggered: toast.opacity = 0 }

    Row {
        anchors { left: parent.left; leftMargin: 36; verticalCenter: parent.verticalCenter }
        spacing: 24
        Icon { anchors.verticalCenter: parent.verticalCenter; name: toast.isGood ? "check" : "circle-help"; tint: Theme.onPaper; size: 40 }
        Words {
            id: words
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, toast.width - 120 - (undo.visible ? undo.width + 24 : 0))
            color: Theme.onPaper
            weight: Font.Medium
            role: "small"
            text: toast.text
        }
    }
    KioskButton {
        id: undo
        objectName: "toast.action"
        visible: toast.actionText !== ""
        anchors { right: parent.right; rightMargin: 16; verticalCenter: parent.verticalCenter }
        kind: "quiet"
        role: "small"
        weight: Font.DemiBold
        isSelected: true
        height: 72
        text: toast.actionText
        onClicked: {
            toast.opacity = 0;
            toast.acted();
        }
    }
}
