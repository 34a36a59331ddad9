pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* Where somebody can go, with what waits there; who they are above, language and the way out below. Upright a bar
   with tabs above the page. */
Rectangle {
    id: rail

    readonly property bool isBar: Theme.isPortrait
    readonly property int count: Staff.rail.length
    readonly property int columns: count <= 7 ? Math.max(5, count) : Math.ceil(count / 2)
    readonly property real tabTop: isBar ? 104 : 98
    readonly property real tabWidth: isBar ? (width - 48) / columns : width - 40
    readonly property real tabHeight: isBar ? 104 : Math.min(82, Math.max(64, (height - tabTop - 148) / Math.max(1, count)))

    implicitWidth: 300
    implicitHeight: tabTop + Math.ceil(count / columns) * tabHeight + 16
    color: Theme.s1

    component Tab: T.AbstractButton {
        id: tab
        required property var modelData
        readonly property bool isHere: StaffNavigator.railPlace === modelData.place

        objectName: "rail." + modelData.place
        focusPolicy: Qt.StrongFocus
        text: modelData.title
        Accessible.role: Accessible.PageTab
        Accessible.name: text + (modelData.badge > 0 ? ", " + I18n.counted("staff.rail.waits", modelData.badge) : "")
        Accessible.checked: isHere
        onClicked: StaffNavigator.go(modelData.place)
        Keys.onReturnPressed: click()
        Keys.onEnterPressed: click()
        background: Rectangle {
            radius: Theme.radiusTile
            color: tab.isHere || tab.down ? Theme.s2 : "transparent"
        }
        contentItem: Item {
            Icon {
                x: rail.isBar ? (parent.width - width) / 2 : 24
                y: rail.isBar ? 16 : (parent.height - height) / 2
                name: tab.modelData.icon
                tint: tab.isHere ? Theme.text : Theme.text2
                size: 32
            }
            StaffWords {
                x: rail.isBar ? 2 : 78
                y: rail.isBar ? 54 : (parent.height - lineHeight) / 2
                width: rail.isBar ? parent.width - 4 : parent.width - x - (tab.modelData.badge > 0 ? 56 : 8)
                size: rail.isBar ? 20 : 24
                weight: Font.Medium
                horizontalAlignment: rail.isBar ? Text.AlignHCenter : Text.AlignLeft
                wrapMode: Text.NoWrap
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: rail.isBar ? 18 : 20
                color: tab.isHere ? Theme.text : Theme.text2
                text: tab.text
                Accessible.ignored: true
            }
            Rectangle {
                visible: tab.modelData.badge > 0
                x: rail.isBar ? parent.width / 2 + 12 : parent.width - width - 14
                y: rail.isBar ? 6 : (parent.height - height) / 2
                width: Math.max(height, badge.implicitWidth + 18)
                height: rail.isBar ? 32 : 36
                radius: height / 2
                color: Theme.paper
                StaffWords {
                    id: badge
                    anchors.centerIn: parent
                    width: implicitWidth
                    size: 20
                    thai: false
                    weight: Font.DemiBold
                    color: Theme.onPaper
                    text: tab.modelData.badge > 99 ? "99+" : tab.modelData.badge
                    Accessible.ignored: true
                }
            }
        }
        FocusRing { isShown: tab.visualFocus; around: Theme.radiusTile; anchors.margins: -2 }
    }

    Rectangle {
        x: rail.isBar ? 0 : rail.width - width
        y: rail.isBar ? rail.height - height : 0
        width: rail.isBar ? rail.width : 2
        height: rail.isBar ? 2 : rail.height
        color: Theme.line
    }
    Column {
        x: rail.isBar ? 40 : 44
        y: rail.isBar ? 20 : rail.count > 10 ? 14 : 22
        width: rail.isBar ? language.x - x - 24 : rail.width - x - 16
        StaffWords {
            objectName: "rail.who"
            width: parent.width
            weight: Font.DemiBold
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: Staff.whoLine
        }
        StaffWords {
            width: parent.width
            size: 22
            color: Theme.text2
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: Staff.eventName
        }
    }
    Repeater {
        model: Staff.rail
        Tab {
            required property int index
            x: rail.isBar ? 24 + index % rail.columns * rail.tabWidth : 20
            y: rail.tabTop + (rail.isBar ? Math.floor(index / rail.columns) : index) * rail.tabHeight
            width: rail.tabWidth
            height: rail.tabHeight - (rail.tabHeight > 66 ? 4 : 0)
        }
    }
    LanguageSwitch {
        id: language
        x: rail.isBar ? leave.x - width - 16 : 30
        y: rail.isBar ? 20 : leave.y - height - (rail.count > 10 ? 2 : 12)
        width: 240
        height: 64
    }
    StaffButton {
        id: leave
        objectName: "rail.leave"
        x: rail.isBar ? rail.width - width - 24 : 32
        y: rail.isBar ? 20 : rail.height - height - (rail.count > 10 ? 6 : 14)
        width: rail.isBar ? implicitWidth : rail.width - 52
        height: 64
        kind: "quiet"
        alignLeft: true
        iconName: "chevron-left"
        text: I18n.t("staff.leave")
        onClicked: Staff.close()
    }
}
