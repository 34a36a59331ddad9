pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Does this machine work: every part with what was measured, and what to do about the one that does not. */
TechnicianPage {
    id: page
    objectName: "page.selftest"
    title: I18n.t("tech.test.title")
    subtitle: TechnicianTests.whenText
    sidePanel: isNarrow ? 0 : 520

    function typeCount() {
        TechnicianTests.askCount();
        StaffNavigator.openSheet(TechnicianEntry.sheet);
    }

    Words {
        id: summary
        x: page.contentX
        y: 118 - lineHeight / 2 + 18
        role: "h2"
        textScale: 0.94
        weight: Font.DemiBold
        wrapMode: Text.NoWrap
        text: TechnicianTests.summary
    }
    Words {
        readonly property real rest: page.contentX + page.contentWidth - x
        x: summary.x + summary.width + 24
        y: summary.y + summary.lineHeight / 2 - lineHeight / 2 + 4
        visible: rest > 120
        width: rest
        role: "small"
        textScale: 0.86
        color: Theme.text2
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        text: TechnicianTests.tookText
    }
    ScrollArea {
        id: rows
        activeFocusOnTab: false
        x: page.contentX - 20
        y: 184
        width: page.contentWidth + 40
        height: foot.y - y - 16
        innerHeight: list.height
        focus: true

        Column {
            id: list
            width: rows.width
            Repeater {
                model: TechnicianTests.rows
                TestRowButton {
                    required property int index
                    width: list.width
                    height: page.isNarrow ? 70 : 74
                    focus: index === 0
                    isSelected: TechnicianTests.selected === name
                    onClicked: TechnicianTests.select(name)
                }
            }
        }
    }
    Column {
        id: foot
        x: page.contentX
        y: (page.isNarrow ? panel.y - 24 : page.contentBottom) - height
        width: page.contentWidth
        spacing: 8
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
        Row {
            x: -12
            spacing: 24
            TextAction {
                objectName: "test.runAll"
                height: 80
                iconName: TechnicianTests.isRunning ? "x" : "refresh-cw"
                text: I18n.t(TechnicianTests.isRunning ? "tech.test.stop" : "tech.test.run_all")
                onClicked: TechnicianTests.isRunning ? TechnicianTests.stop() : TechnicianTests.runAll()
            }
            TextAction {
                objectName: "test.bundle"
                height: 80
                iconName: "list"
                isWaiting: TechnicianSupport.isMaking
                text: I18n.t(TechnicianSupport.isMaking ? "tech.bundle.making" : "tech.test.bundle")
                onClicked: TechnicianSupport.make()
            }
            TextAction {
                objectName: "test.end"
                height: 80
                iconName: "log-out"
                text: I18n.t("tech.end.open")
                onClicked: StaffNavigator.openSheet("technician/EndSheet")
            }
        }
    }
    TestPanel {
        id: panel
        isNarrow: page.isNarrow
        x: page.isNarrow ? page.contentX : page.width - page.sidePanel
        y: page.isNarrow ? page.height - 40 - height : 0
        width: page.isNarrow ? page.contentWidth : page.sidePanel
        height: !page.isNarrow ? page.height : panel.hasPicture ? Math.min(680, page.height * 0.42) : 480
        onCountAsked: page.typeCount()
        onTouchAsked: StaffNavigator.openSheet("technician/TouchSheet")
    }
}
