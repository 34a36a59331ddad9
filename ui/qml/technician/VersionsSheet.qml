pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Who changed what and when: the versions of the settings that are kept. */
Sheet {
    id: sheet
    objectName: "VersionsSheet"
    title: I18n.t("tech.settings.versions")
    spacing: 20
    onDismissed: StaffNavigator.closeSheet()

    Words {
        width: parent.width
        role: "small"
        color: Theme.text2
        text: I18n.t(TechnicianSettings.canUndo ? "tech.version.text" : "tech.version.none")
    }
    ScrollArea {
        id: area
        width: parent.width
        height: Math.min(list.height, sheet.maximumInnerHeight - 360)
        innerHeight: list.height
        ground: Theme.s1
        focus: true
        Column {
            id: list
            width: area.width
            Repeater {
                model: TechnicianSettings.versions
                Item {
                    id: version
                    required property var modelData
                    required property int index
                    width: list.width
                    height: what.height + 24
                    Accessible.role: Accessible.ListItem
                    Accessible.name: version.modelData.when + ", " + version.modelData.who + ": " + version.modelData.what
                    Rectangle { visible: version.index > 0; width: parent.width; height: 1; color: Theme.line }
                    Words {
                        y: 12
                        width: 210
                        role: "small"
                        textScale: 0.9
                        color: Theme.text2
                        text: version.modelData.when
                        Accessible.ignored: true
                    }
                    Words {
                        x: 222
                        y: 12
                        width: 190
                        role: "small"
                        textScale: 0.9
                        maximumLineCount: 1
                        elide: Text.ElideRight
                        text: version.modelData.who
                        Accessible.ignored: true
                    }
                    Words {
                        id: what
                        x: 424
                        y: 12
                        width: parent.width - x
                        role: "small"
                        textScale: 0.9
                        text: version.modelData.what
                        Accessible.ignored: true
                    }
                }
            }
        }
    }
    KioskButton {
        objectName: "versions.undo"
        visible: TechnicianSettings.canUndo
        width: parent.width
        height: 96
        role: "body"
        iconName: "rotate-ccw"
        text: I18n.t("tech.settings.undo")
        onClicked: {
            StaffNavigator.closeSheet();
            TechnicianSettings.undo();
        }
    }
    KioskButton {
        objectName: "versions.close"
        width: parent.width
        height: 80
        kind: "quiet"
        role: "body"
        text: I18n.t("common.back")
        onClicked: sheet.dismissed()
    }
}
