pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Visitors by hour: the new ones white, the returning ones gold below them, the running hour paler. */
Item {
    id: chart

    /* Each { time, hour, new, returning, isRunning }. */
    required property var hours
    readonly property real most: hours.reduce((most, hour) => Math.max(most, hour.new + hour.returning), 1)
    readonly property real pitch: hours.length > 0 ? width / Math.max(5, hours.length) : width
    readonly property real barWidth: Math.min(84, pitch * 0.6)
    readonly property bool isTight: pitch < 74
    readonly property real barRoom: height - 34 - 32

    Repeater {
        model: chart.hours
        Item {
            id: hour
            required property var modelData
            required property int index
            readonly property real share: chart.barRoom / chart.most
            x: index * chart.pitch
            width: chart.pitch
            height: chart.height
            Accessible.role: Accessible.StaticText
            Accessible.name: I18n.t("store.today.hour", { time: modelData.time, new: modelData.new, returning: modelData.returning })

            Rectangle {
                id: returning
                x: (parent.width - width) / 2
                y: parent.height - 34 - height
                width: chart.barWidth
                height: hour.modelData.returning > 0 ? Math.max(3, hour.modelData.returning * hour.share - 2) : 0
                radius: Math.min(4, height / 2)
                color: Theme.gold
                opacity: hour.modelData.isRunning ? 0.62 : 1
            }
            Rectangle {
                id: fresh
                x: returning.x
                y: returning.y - height - (returning.height > 0 ? 3 : 0)
                width: chart.barWidth
                height: hour.modelData.new > 0 ? Math.max(3, hour.modelData.new * hour.share - 2) : 0
                radius: Math.min(4, height / 2)
                color: Theme.paper
                opacity: hour.modelData.isRunning ? 0.62 : 0.92
            }
            Words {
                visible: hour.modelData.new + hour.modelData.returning > 0 && chart.pitch >= 32
                x: -20
                y: fresh.y - 32
                width: parent.width + 40
                height: 30
                lineHeight: 30
                horizontalAlignment: Text.AlignHCenter
                role: "staff"
                weight: Font.DemiBold
                text: hour.modelData.new + hour.modelData.returning
                Accessible.ignored: true
            }
            Words {
                /* Of many hours every second or third is written, and the running one. */
                readonly property int every: chart.pitch >= 36 ? 1 : chart.pitch >= 18 ? 2 : 3
                visible: (chart.hours.length - 1 - hour.index) % every === 0
                x: -20
                y: parent.height - 30
                width: parent.width + 40
                height: 30
                lineHeight: 30
                horizontalAlignment: Text.AlignHCenter
                role: "staff"
                color: Theme.text2
                text: chart.isTight ? hour.modelData.hour : hour.modelData.time
                Accessible.ignored: true
            }
        }
    }
    Words {
        visible: chart.hours.length === 0
        anchors.fill: parent
        verticalAlignment: Text.AlignVCenter
        horizontalAlignment: Text.AlignHCenter
        role: "small"
        textScale: 0.85
        color: Theme.text2
        text: I18n.t("store.today.none")
    }
}
