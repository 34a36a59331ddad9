pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What happened, on one time line, the newest on top: each moment in its lane. */
TechnicianPage {
    id: page
    objectName: "page.recorder"
    title: I18n.t("recorder.title")

    readonly property real laneWidth: isNarrow ? 26 : 34
    readonly property real timeWidth: isNarrow ? 116 : 132

    actions: [
        TextAction {
            objectName: "recorder.bundle"
            iconName: "folder"
            isWaiting: TechnicianSupport.isMaking
            text: I18n.t(TechnicianSupport.isMaking ? "tech.bundle.making" : "tech.bundle.make")
            onClicked: TechnicianSupport.make()
        }
    ]

    Column {
        id: head
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        spacing: 16
        StatusRow {
            objectName: "bundle.said"
            visible: TechnicianSupport.text !== ""
            width: parent.width
            iconName: TechnicianSupport.isGood ? "check" : "triangle-alert"
            tone: TechnicianSupport.isGood ? Theme.ok : Theme.bad
            ink: Theme.text
            wrapMode: Text.Wrap
            text: TechnicianSupport.text
        }
        Flow {
            width: parent.width
            spacing: 12
            component Filter: KioskButton {
                width: implicitWidth
                height: 64
                isPill: true
                role: "small"
                textScale: 0.86
                iconSize: 26
                maximumLines: 1
                Accessible.role: Accessible.RadioButton
                Accessible.checked: isSelected
            }
            Filter {
                objectName: "lane.all"
                focus: true
                isSelected: TechnicianRecorder.lane === ""
                text: I18n.t("recorder.all")
                onClicked: TechnicianRecorder.show("")
            }
            Repeater {
                model: TechnicianRecorder.lanes
                Filter {
                    required property var modelData
                    objectName: "lane." + modelData.name
                    iconName: modelData.icon
                    isSelected: TechnicianRecorder.lane === modelData.name
                    text: modelData.title
                    onClicked: TechnicianRecorder.show(modelData.name)
                }
            }
        }
    }
    ListView {
        id: line
        objectName: "recorder.moments"
        x: page.contentX
        y: head.y + head.height + 16
        width: page.contentWidth
        height: page.contentBottom - y
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        activeFocusOnTab: true
        keyNavigationEnabled: false
        reuseItems: true
        model: TechnicianRecorder.moments
        Keys.onDownPressed: contentY = Math.min(contentY + 160, Math.max(originY, originY + contentHeight - height))
        Keys.onUpPressed: contentY = Math.max(contentY - 160, originY)
        section.property: "hour"
        section.delegate: Item {
            id: hour
            required property string section
            width: line.width
            height: 68
            Words {
                y: 20
                role: "small"
                weight: Font.DemiBold
                text: hour.section
                Accessible.role: Accessible.Heading
            }
        }
        delegate: RecorderMoment {
            width: line.width
            laneWidth: page.laneWidth
            timeWidth: page.timeWidth
            icons: TechnicianRecorder.lanes
        }
        footer: Item {
            width: line.width
            height: TechnicianRecorder.hasMore ? 104 : 24
            KioskButton {
                objectName: "recorder.more"
                visible: TechnicianRecorder.hasMore
                y: 16
                width: 360
                height: 72
                role: "small"
                text: I18n.t("recorder.more")
                onClicked: TechnicianRecorder.more()
            }
        }
    }
    FocusRing {
        anchors.fill: line
        isShown: line.activeFocus
        around: 12
    }
    Words {
        anchors.centerIn: line
        visible: line.count === 0
        color: Theme.text2
        text: I18n.t(TechnicianRecorder.isRead ? "recorder.none" : "recorder.loading")
    }
}
