pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* All settings, section by section, each as its own description says. */
TechnicianPage {
    id: page
    objectName: "page.settings"
    title: I18n.t("tech.settings.title")
    subtitle: TechnicianSettings.pendingText

    readonly property real sectionsWidth: isNarrow ? 280 : 290

    function type() {
        StaffNavigator.openSheet(TechnicianEntry.sheet);
    }

    actions: [
        TextAction {
            objectName: "settings.versions"
            iconName: "history"
            text: I18n.t("tech.settings.versions")
            onClicked: StaffNavigator.openSheet("technician/VersionsSheet")
        },
        TextAction {
            objectName: "settings.undo"
            iconName: "rotate-ccw"
            enabled: TechnicianSettings.canUndo
            opacity: enabled ? 1 : 0.4
            text: I18n.t("tech.settings.undo")
            onClicked: TechnicianSettings.undo()
        }
    ]

    Connections {
        target: TechnicianSettings
        function onRowBegun(name: string, row: string) {
            TechnicianSettings.editRow(name, row);
            page.type();
        }
        function onSectionChanged() {
            if (fields.section !== TechnicianSettings.section) {
                fields.section = TechnicianSettings.section;
                fields.toTop();
            }
        }
    }

    Rectangle {
        id: trouble
        objectName: "settings.problem"
        visible: TechnicianSettings.problemText !== ""
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: visible ? sentence.height + 40 : 0
        radius: Theme.radiusTile
        color: Theme.s2
        StatusRow {
            id: sentence
            x: 24
            y: 20
            width: parent.width - 48
            iconName: "triangle-alert"
            tone: Theme.bad
            ink: Theme.text
            text: TechnicianSettings.problemText
        }
    }
    ScrollArea {
        id: sections
        activeFocusOnTab: false
        readonly property real upperEdge: trouble.visible ? trouble.y + trouble.height + 20 : page.contentTop
        x: page.contentX - 12
        y: upperEdge
        width: page.sectionsWidth
        height: page.contentBottom - y
        innerHeight: names.height
        focus: true
        Column {
            id: names
            width: sections.width
            Repeater {
                model: TechnicianSettings.sections
                KioskButton {
                    id: name
                    required property var modelData
                    readonly property bool isHere: TechnicianSettings.section === modelData.name
                    objectName: "section." + modelData.name
                    width: names.width
                    height: 64
                    kind: "quiet"
                    role: "small"
                    textScale: 0.94
                    maximumLines: 1
                    alignLeft: true
                    text: modelData.title
                    Accessible.role: Accessible.PageTab
                    Accessible.selected: isHere
                    onClicked: TechnicianSettings.show(modelData.name)
                    Rectangle {
                        z: -1
                        anchors.fill: parent
                        radius: Theme.radiusTile
                        color: Theme.s2
                        visible: name.isHere
                    }
                    Rectangle {
                        visible: name.modelData.isChanged
                        anchors.verticalCenter: parent.verticalCenter
                        x: parent.width - 28
                        width: 12
                        height: 12
                        radius: 6
                        color: "transparent"
                        border { width: 3; color: Theme.edge }
                    }
                }
            }
        }
    }
    ScrollArea {
        id: fields
        activeFocusOnTab: false
        property string section: ""
        function toTop() {
            (contentItem.parent as Flickable).contentY = 0;
        }
        x: page.contentX + page.sectionsWidth + (page.isNarrow ? 20 : 48)
        y: sections.upperEdge
        width: page.contentX + page.contentWidth - x - 8
        height: page.contentBottom - y
        innerHeight: list.height
        Column {
            id: list
            width: fields.width
            Repeater {
                model: TechnicianSettings.fields
                SettingRow {
                    id: setting
                    required property int index
                    width: list.width
                    isNarrow: page.isNarrow
                    onEditAsked: {
                        TechnicianSettings.edit(name);
                        page.type();
                    }
                    onRowAsked: row => {
                        TechnicianSettings.editRow(name, row);
                        page.type();
                    }
                    onNewRowAsked: {
                        TechnicianSettings.addRow(name);
                        page.type();
                    }
                    Rectangle { visible: setting.index > 0; width: parent.width; height: 1; color: Theme.line }
                }
            }
            Repeater {
                model: TechnicianSettings.secrets
                Item {
                    id: secret
                    required property var modelData
                    width: list.width
                    height: said.height + 48
                    Rectangle { width: parent.width; height: 1; color: Theme.line }
                    Column {
                        id: said
                        y: 24
                        width: parent.width - enter.width - 32
                        Words { width: parent.width; role: "small"; weight: Font.DemiBold; text: secret.modelData.title }
                        Words {
                            width: parent.width
                            role: "small"
                            textScale: 0.86
                            color: Theme.text2
                            text: I18n.t("tech.secret.text") + (secret.modelData.isSet ? " · " + I18n.t("tech.secret.sent") : "")
                        }
                    }
                    KioskButton {
                        id: enter
                        objectName: "secret." + secret.modelData.name
                        x: parent.width - width
                        y: 24
                        width: page.isNarrow ? 160 : 220
                        height: 72
                        role: "small"
                        text: I18n.t("tech.secret.enter")
                        Accessible.name: text + ": " + secret.modelData.title
                        onClicked: {
                            TechnicianSettings.editSecret(secret.modelData.name);
                            page.type();
                        }
                    }
                }
            }
        }
    }
    Words {
        anchors.centerIn: parent
        visible: TechnicianSettings.sections.length === 0
        color: Theme.text2
        text: I18n.t("tech.settings.loading")
    }
}
