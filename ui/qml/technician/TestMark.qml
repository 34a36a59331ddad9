import QtQuick
import Kiosk
import "../components"

/* How a test stands: a check, a sign on paper, a ring while it runs, an outline while it waits. */
Item {
    id: mark

    required property string standing
    property int size: 44
    readonly property bool needsSomebody: standing === "look" || standing === "failed"

    width: size
    height: size

    Rectangle {
        anchors.fill: parent
        visible: mark.needsSomebody
        radius: 12
        color: mark.standing === "failed" ? Theme.bad : Theme.paper
    }
    Icon {
        anchors.centerIn: parent
        visible: mark.standing === "passed" || mark.standing === "skipped" || mark.needsSomebody
        name: mark.standing === "passed" ? "check" : mark.standing === "skipped" ? "minus" : mark.standing === "failed" ? "x" : "triangle-alert"
        tint: mark.standing === "passed" ? Theme.ok : mark.standing === "skipped" ? Theme.text2 : Theme.onPaper
        size: Math.round(mark.size * (mark.needsSomebody ? 0.7 : 0.78))
    }
    WaitRing {
        anchors.centerIn: parent
        visible: mark.standing === "running"
        width: 32
        height: 32
        stroke: 4
        tint: Theme.gold
    }
    Rectangle {
        anchors.centerIn: parent
        visible: mark.standing === "waiting"
        width: 18
        height: 18
        radius: 9
        color: "transparent"
        border { width: 3; color: Theme.edge }
    }
}
