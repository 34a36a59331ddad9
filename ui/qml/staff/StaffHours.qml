pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What was paid in each hour, with the number of orders above each bar. */
Item {
    id: chart

    required property var hours
    readonly property real most: hours.reduce((most, hour) => Math.max(most, hour.satang), 1)
    readonly property real pitch: width / Math.max(1, hours.length)
    readonly property real barRoom: height - 34 - 34

    implicitHeight: 220

    Repeater {
        model: chart.hours
        Item {
            id: hour
            required property var modelData
            required property int index
            x: index * chart.pitch
            width: chart.pitch
            height: chart.height
            Accessible.role: Accessible.StaticText
            Accessible.name: modelData.spoken
            Rectangle {
                id: bar
                x: (parent.width - width) / 2
                y: parent.height - 34 - height
                width: Math.min(84, chart.pitch * 0.62)
                height: hour.modelData.satang > 0 ? Math.max(4, hour.modelData.satang / chart.most * chart.barRoom) : 2
                radius: Math.min(6, height / 2)
                color: hour.modelData.satang > 0 ? Theme.paper : Theme.line
            }
            StaffWords {
                visible: hour.modelData.orders > 0
                y: bar.y - 32
                width: parent.width
                size: 20
                lineHeight: 30
                weight: Font.DemiBold
                horizontalAlignment: Text.AlignHCenter
                text: hour.modelData.orders
                Accessible.ignored: true
            }
            StaffWords {
                y: parent.height - 30
                width: parent.width
                size: 20
                lineHeight: 30
                horizontalAlignment: Text.AlignHCenter
                color: Theme.text2
                text: hour.modelData.hour
                Accessible.ignored: true
            }
        }
    }
    StaffWords {
        visible: chart.hours.length === 0
        width: parent.width
        height: parent.height
        verticalAlignment: Text.AlignVCenter
        horizontalAlignment: Text.AlignHCenter
        color: Theme.text2
        text: I18n.t("staff.today.no_sales")
    }
}
