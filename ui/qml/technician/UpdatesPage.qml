pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What runs, what is ready to be installed and when, how the last update went, and the way back. */
TechnicianPage {
    id: page
    objectName: "page.updates"
    title: I18n.t("tech.updates.title")
    subtitle: TechnicianUpdates.versionText

    readonly property real gap: 16

    component Line: Words {
        width: parent ? parent.width : 0
        role: "small"
        color: Theme.text2
        visible: text !== ""
    }
    component Act: KioskButton {
        required property string name
        objectName: "updates." + name
        width: page.isNarrow ? page.contentWidth - 56 : (page.contentWidth - 72 - page.gap) / 2
        height: 96
        role: "body"
        maximumLines: 2
    }

    ScrollArea {
        id: area
        activeFocusOnTab: false
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: page.contentBottom - y
        innerHeight: list.height
        focus: true
        Column {
            id: list
            width: area.width
            spacing: 24
            Card {
                width: parent.width
                spacing: 16
                padding: page.isNarrow ? 28 : 36
                Words {
                    objectName: "updates.ready"
                    width: parent.width
                    role: "title"
                    textScale: 0.9
                    weight: Font.DemiBold
                    text: TechnicianUpdates.readyText
                }
                Line { objectName: "updates.when"; text: TechnicianUpdates.whenText }
                Line { objectName: "updates.problem"; color: Theme.text; text: TechnicianUpdates.problemText }
                Flow {
                    width: parent.width
                    spacing: page.gap
                    topPadding: 8
                    Act {
                        name: "now"
                        kind: "primary"
                        visible: TechnicianUpdates.isReady
                        isWaiting: TechnicianUpdates.isAsked
                        text: I18n.t("tech.updates.now")
                        onClicked: TechnicianUpdates.choose("now")
                    }
                    Act {
                        name: "tonight"
                        visible: TechnicianUpdates.isReady
                        isSelected: TechnicianUpdates.wish === "tonight"
                        text: TechnicianUpdates.tonightText
                        onClicked: TechnicianUpdates.choose("tonight")
                    }
                    Act {
                        name: "never"
                        visible: TechnicianUpdates.wish !== ""
                        text: I18n.t("tech.updates.never")
                        onClicked: TechnicianUpdates.choose("")
                    }
                    Act {
                        name: "stick"
                        focus: true
                        iconName: "folder"
                        isWaiting: TechnicianUpdates.isLooking
                        text: I18n.t("tech.updates.stick")
                        onClicked: TechnicianUpdates.look()
                    }
                    Act {
                        name: "check"
                        iconName: "refresh-cw"
                        reason: TechnicianUpdates.hasCentre ? "" : I18n.t("tech.updates.no_centre")
                        text: I18n.t("tech.updates.check")
                        onClicked: TechnicianUpdates.check()
                    }
                }
            }
            Card {
                width: parent.width
                spacing: 16
                padding: page.isNarrow ? 28 : 36
                Words {
                    width: parent.width
                    role: "title"
                    textScale: 0.9
                    weight: Font.DemiBold
                    text: I18n.t("tech.updates.last")
                }
                Line { objectName: "updates.last"; color: Theme.text; text: TechnicianUpdates.lastText }
                Line { objectName: "updates.why"; text: TechnicianUpdates.whyText }
                Act {
                    name: "undo"
                    visible: TechnicianUpdates.before !== ""
                    iconName: "rotate-ccw"
                    isSelected: TechnicianUpdates.wish === "undo"
                    text: TechnicianUpdates.undoText
                    onClicked: TechnicianUpdates.undo()
                }
                Line {
                    visible: TechnicianUpdates.before !== ""
                    text: I18n.t("tech.updates.undo_text")
                }
            }
        }
    }
}
