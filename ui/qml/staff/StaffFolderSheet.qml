pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* From where photos are imported: the watched folder, what is plugged in, and the folders in it. */
Sheet {
    id: sheet
    objectName: "StaffFolderSheet"
    title: I18n.t("staff.folder.title")
    spacing: 16
    onDismissed: StaffNavigator.closeSheet()

    StaffWords {
        visible: StaffPhotos.folder !== ""
        width: parent.width
        size: 24
        color: Theme.text2
        wrapMode: Text.WrapAnywhere
        text: StaffPhotos.folder
    }
    ScrollArea {
        id: area
        width: parent.width
        height: Math.max(96, Math.min(innerHeight, Theme.isPortrait ? 900 : 460))
        ground: Theme.s1
        innerHeight: list.height
        Column {
            id: list
            width: area.width
            spacing: 12
            KioskButton {
                objectName: "folder.up"
                visible: StaffPhotos.folder !== ""
                width: list.width
                height: 80
                kind: "quiet"
                role: "small"
                textScale: 1
                alignLeft: true
                iconName: "chevron-left"
                text: I18n.t("common.back")
                onClicked: StaffPhotos.look(StaffPhotos.parentFolder)
            }
            Repeater {
                model: StaffPhotos.folders
                KioskButton {
                    required property var modelData
                    objectName: "folder." + modelData.path
                    width: list.width
                    height: 84
                    role: "small"
                    textScale: 1
                    alignLeft: true
                    iconName: modelData.icon
                    text: modelData.name
                    Accessible.description: modelData.note
                    onClicked: StaffPhotos.look(modelData.path)
                }
            }
            StaffWords {
                visible: StaffPhotos.folders.length === 0
                width: list.width
                size: 26
                color: Theme.text2
                text: I18n.t(StaffPhotos.isReading ? "staff.waiting" : StaffPhotos.folder === "" ? "staff.folder.none" : "staff.folder.empty")
            }
        }
    }
    KioskButton {
        objectName: "folder.import"
        visible: StaffPhotos.folder !== ""
        width: parent.width
        height: 104
        focus: true
        kind: "primary"
        role: "title"
        textScale: 0.9
        iconName: "upload"
        text: I18n.t("staff.folder.import")
        onClicked: {
            StaffNavigator.closeSheet();
            StaffPhotos.importFolder();
        }
    }
    KioskButton {
        objectName: "folder.cancel"
        width: parent.width
        height: 88
        kind: "quiet"
        role: "small"
        textScale: 1
        text: I18n.t("common.cancel")
        onClicked: StaffNavigator.closeSheet()
    }
}
