import QtQuick
import QtQuick.Templates as T
import Kiosk

/* Content that may be higher than its place: scrolls by touch, and by arrow keys once it has the focus. */
Item {
    id: area

    default property alias items: flick.flickableData
    property alias contentItem: flick.contentItem
    required property real innerHeight
    property color ground: Theme.bg
    /* How high it fades out where there is more below. */
    property real fade: 64
    /* "Bring everything lower": so much stands empty above, so that what can be touched comes within reach. */
    property real lead: 0
    /* Off where something in it has the focus from the beginning. */
    property bool takesFocus: true
    readonly property bool isScrolling: innerHeight + lead > height + 1
    readonly property real lowest: Math.max(-lead, innerHeight - height)

    onLeadChanged: flick.contentY = -lead

    /* What keyboard or switch stands on is seen. */
    readonly property Item stood: Window.activeFocusItem
    onStoodChanged: {
        let above = stood;
        while (above && above !== flick.contentItem)
            above = above.parent;
        /* A finger touches what it sees, and what a sheet begins with is no place to begin to read. */
        if (!above || !isScrolling || (stood as T.AbstractButton)?.visualFocus === false)
            return;
        const top = stood.mapToItem(flick.contentItem, 0, 0).y;
        if (top < flick.contentY + lead + 16)
            flick.contentY = Math.max(-lead, top - lead - 16);
        else if (top + stood.height > flick.contentY + flick.height - 64)
            flick.contentY = Math.min(lowest, Math.min(top - lead - 16, top + stood.height + 64 - flick.height));
    }

    Flickable {
        id: flick
        anchors.fill: parent
        anchors.leftMargin: -16
        anchors.rightMargin: -16
        leftMargin: 16
        rightMargin: 16
        topMargin: area.lead
        contentWidth: area.width
        contentHeight: area.innerHeight
        interactive: area.isScrolling
        clip: area.isScrolling
        boundsBehavior: Flickable.StopAtBounds
        /* What has the focus keeps it, also when there is nothing to scroll any more. */
        activeFocusOnTab: area.takesFocus && (area.isScrolling || activeFocus)
        Accessible.role: Accessible.Pane
        Accessible.name: I18n.t("access.scroll")
        Keys.onDownPressed: contentY = Math.min(contentY + 120, area.lowest)
        Keys.onUpPressed: contentY = Math.max(contentY - 120, -area.lead)
    }
    Rectangle {
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
        height: area.fade
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
    FocusRing { isShown: flick.activeFocus && area.isScrolling; around: 12 }
}
