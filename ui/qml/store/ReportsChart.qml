pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* A bar for each row, returning visitors below and new ones above, on an axis of round numbers. What does not fit is
   moved to, by finger or arrow keys; what still runs is paler. */
Item {
    id: chart

    required property var rows
    required property var axis
    property bool isByHour: false
    readonly property real axisWidth: 76
    readonly property real plotTop: 40
    readonly property real plotHeight: height - plotTop - 44 - 52
    readonly property real plotWidth: width - axisWidth
    readonly property real most: axis.length > 0 ? axis[axis.length - 1] : 1
    readonly property real slot: Math.max(20, plotWidth / Math.max(1, rows.length))
    readonly property real bar: Math.min(64, slot * 0.68)
    readonly property bool hasFigures: slot >= 40
    /* Of narrow bars every second or fifth has its label. */
    readonly property real labelNeed: rows.reduce((widest, row) => Math.max(widest, row.short.length), 1) * 14 + 12
    readonly property int leastStep: Math.max(1, Math.ceil(labelNeed / slot))
    /* Of hours the same ones each day. */
    readonly property int labelStep: isByHour ? [1, 2, 3, 4, 6, 12].find(step => step >= leastStep) ?? 24 : leastStep
    readonly property var running: rows.find(row => row.isRunning) ?? null

    Repeater {
        model: chart.axis
        Item {
            id: tick
            required property var modelData
            y: chart.plotTop + chart.plotHeight * (1 - modelData / chart.most)
            width: chart.width
            Rectangle { x: chart.axisWidth; width: chart.plotWidth; height: 2; color: Theme.line }
            Words {
                width: chart.axisWidth - 16
                y: -lineHeight / 2
                horizontalAlignment: Text.AlignRight
                role: "staff"
                textScale: 1.1
                color: Theme.text2
                text: tick.modelData.toLocaleString(Qt.locale("en"), "f", 0)
            }
        }
    }
    ListView {
        id: bars
        objectName: "report.bars"
        x: chart.axisWidth
        width: chart.plotWidth
        height: chart.height - 52
        orientation: ListView.Horizontal
        interactive: contentWidth > width + 1
        clip: interactive
        activeFocusOnTab: interactive || activeFocus
        boundsBehavior: Flickable.StopAtBounds
        Keys.onRightPressed: contentX = Math.min(contentX + width / 2, Math.max(0, contentWidth - width))
        Keys.onLeftPressed: contentX = Math.max(0, contentX - width / 2)
        model: chart.rows
        delegate: Item {
            id: one
            required property var modelData
            required property int index
            readonly property real unit: chart.plotHeight / chart.most
            width: chart.slot
            height: bars.height
            Accessible.role: Accessible.ListItem
            Accessible.name: modelData.label + ": " + modelData.visitors + ", " + I18n.t("store.report.returning") + " " + modelData.returning

            Rectangle {
                id: returning
                readonly property real rise: one.modelData.returning * one.unit
                anchors.horizontalCenter: parent.horizontalCenter
                y: chart.plotTop + chart.plotHeight - rise
                width: chart.bar
                height: rise
                radius: 2
                opacity: one.modelData.isRunning ? 0.6 : 1
                color: Theme.gold
            }
            Rectangle {
                id: fresh
                readonly property real rise: one.modelData.new * one.unit
                /* A thin line of ground between both. */
                readonly property real gap: returning.rise > 3 && rise > 6 ? 3 : 0
                anchors.horizontalCenter: parent.horizontalCenter
                y: returning.y - rise
                width: chart.bar
                height: Math.max(0, rise - gap)
                radius: 2
                opacity: one.modelData.isRunning ? 0.6 : 1
                color: Theme.paper
            }
            Words {
                visible: chart.hasFigures && one.modelData.visitors > 0
                width: parent.width
                y: fresh.y - lineHeight - 2
                horizontalAlignment: Text.AlignHCenter
                role: "staff"
                weight: Font.DemiBold
                text: one.modelData.visitors
                Accessible.ignored: true
            }
            Words {
                visible: one.index % chart.labelStep === 0
                x: Math.max(one.index === 0 ? 0 : -width, (parent.width - width) / 2)
                y: chart.plotTop + chart.plotHeight + 8
                horizontalAlignment: Text.AlignHCenter
                role: "staff"
                textScale: 1.1
                color: Theme.text2
                wrapMode: Text.NoWrap
                text: one.modelData.short
                Accessible.ignored: true
            }
        }
        FocusRing { isShown: bars.activeFocus; around: 12 }
    }
    Row {
        x: chart.axisWidth
        y: chart.height - 36
        spacing: 14
        Rectangle { anchors.verticalCenter: parent.verticalCenter; width: 22; height: 22; radius: 4; color: Theme.paper }
        Words { role: "staff"; textScale: 1.15; color: Theme.text2; rightPadding: 24; text: I18n.t("store.report.new") }
        Rectangle { anchors.verticalCenter: parent.verticalCenter; width: 22; height: 22; radius: 4; color: Theme.gold }
        Words { role: "staff"; textScale: 1.15; color: Theme.text2; rightPadding: 24; text: I18n.t("store.report.returning") }
        Words {
            visible: chart.running !== null
            role: "staff"
            textScale: 1.15
            color: Theme.text2
            text: chart.running ? chart.running.label + " " + I18n.t("store.report.running") : ""
        }
    }
}
