pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What was done here, by whom, the newest first, as far as somebody scrolls. */
StaffPage {
    id: page
    objectName: "staff.page.log"
    title: I18n.t("staff.place.log")
    subtitle: I18n.t("staff.log.note")

    Rectangle {
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: page.height - y
        topLeftRadius: Theme.radiusCard
        topRightRadius: Theme.radiusCard
        color: Theme.s1

        ListView {
            id: list
            objectName: "log.list"
            anchors { fill: parent; leftMargin: 32; rightMargin: 32; topMargin: 8 }
            clip: true
            activeFocusOnTab: true
            reuseItems: true
            cacheBuffer: 320
            bottomMargin: 36
            boundsBehavior: Flickable.StopAtBounds
            model: StaffLog.rows
            delegate: Item {
                id: line
                required property string when
                required property string who
                required property string what
                required property string detail
                readonly property bool isNarrow: width < 1100
                width: list.width
                height: isNarrow || detail === "" ? (detail === "" ? 68 : 100) : 68
                Accessible.role: Accessible.ListItem
                Accessible.name: [when, who, what, detail].filter(part => part !== "").join(", ")
                StaffWords { y: line.isNarrow ? 14 : 16; width: 170; color: Theme.text2; wrapMode: Text.NoWrap; text: line.when; Accessible.ignored: true }
                StaffWords { x: 186; y: line.isNarrow ? 14 : 16; width: 180; wrapMode: Text.NoWrap; elide: Text.ElideRight; text: line.who; Accessible.ignored: true }
                StaffWords {
                    x: 380
                    y: line.isNarrow ? 14 : 16
                    width: line.isNarrow ? line.width - x : 440
                    weight: Font.Medium
                    wrapMode: Text.NoWrap
                    elide: Text.ElideRight
                    text: line.what
                    Accessible.ignored: true
                }
                StaffWords {
                    x: line.isNarrow ? 380 : 840
                    y: line.isNarrow ? 52 : 17
                    width: line.width - x
                    size: 22
                    color: Theme.text2
                    wrapMode: Text.NoWrap
                    elide: Text.ElideRight
                    text: line.detail
                    Accessible.ignored: true
                }
                Rectangle { y: parent.height - 1; width: parent.width; height: 1; color: Theme.line }
            }
            onContentYChanged: if (contentHeight - contentY < height * 2) StaffLog.more()
        }
        FocusRing { isShown: list.activeFocus; around: Theme.radiusCard }
        StaffEmpty {
            visible: list.count === 0
            anchors.horizontalCenter: parent.horizontalCenter
            y: 140
            width: parent.width * 0.7
            iconName: "scroll-text"
            text: I18n.t(StaffLog.isWaiting ? "staff.waiting" : "staff.log.none")
        }
    }
}
