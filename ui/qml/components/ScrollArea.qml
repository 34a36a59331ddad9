import QtQuick
import Kiosk

/* Content that may be higher than its place: scrolls by touch, and by arrow keys once it has the focus. */
FocusScope {
    id: area

    default property alias items: flick.flickableData
    property alias contentItem: flick.contentItem
    required property real innerHeight
    property color ground: Theme.bg
    readonly property bool isScrolling: innerHeight > height + 1

    activeFocusOnTab: isScrolling

    Flickable {
        id: flick
        anchors.fill: parent
        anchors.leftMargin: -16
        anchors.rightMargin: -16
        leftMargin: 16
        rightMargin: 16
        contentWidth: area.width
        contentHeight: area.innerHeight
        interactive: area.isScrolling
        clip: area.isScrolling
        boundsBehavior: Flickable.StopAtBounds
        focus: true
        Keys.onDownPressed: contentY = Math.min(contentY + 120, Math.max(0, contentHeight - height))
        Keys.onUpPressed: contentY = Math.max(contentY - 120, 0)
    }
    Rectangle {
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
        height: 64
        visible: area.isScrolling && !flick.atYEnd
        gradient: Gradient {
            GradientStop { position: 0; color: Qt.alpha(area.ground, 0) }
            GradientStop { position: 1; color: area.ground }
        }
    }
    Rectangle {
        visible: area.isScrolling
        x: parent.width + 12
        y: flick.visibleArea.yPosition * parent.height
        width: 8
        radius: 4
        height: flick.visibleArea.heightRatio * parent.height
        color: Theme.edge
    }
    FocusRing { isShown: area.activeFocus && area.isScrolling; around: 12 }
}
