pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What a good test page looks like, to hold the printed one beside it: greys, colours, fine lines, rings, words. */
Rectangle {
    id: sheet

    property string paperText: ""

    height: width * 0.76
    radius: Theme.radiusTile
    color: Theme.paper
    Accessible.role: Accessible.Graphic
    Accessible.name: I18n.t("tech.test.page_name")

    Rectangle {
        id: page
        anchors.fill: parent
        anchors.margins: 16
        color: "white"

        Row {
            x: 16
            y: 16
            Repeater {
                model: 12
                Rectangle {
                    required property int index
                    width: (page.width - 32) / 12
                    height: page.height * 0.15
                    color: Qt.hsva(0, 0, index / 11, 1)
                }
            }
        }
        Row {
            x: 16
            y: page.height * 0.25
            Repeater {
                model: ["#00a3cc", "#cc2e93", "#e8cd2a", "#1a1a1a", "#c8463c", "#3f8f5f", "#3b58a8", "#e3b088", "#a86f48"]
                Rectangle {
                    required property string modelData
                    width: (page.width - 32) / 9
                    height: page.height * 0.18
                    color: modelData
                }
            }
        }
        Repeater {
            model: 18
            Rectangle {
                required property int index
                x: 16 + index * page.width * 0.024
                y: page.height * 0.49
                width: 1 + index / 5
                height: page.height * 0.19
                color: "black"
            }
        }
        Repeater {
            model: 6
            Rectangle {
                required property int index
                readonly property real side: page.height * (0.3 - index * 0.048)
                x: page.width * 0.77 - side / 2
                y: page.height * 0.62 - side / 2
                width: side
                height: side
                radius: side / 2
                color: "transparent"
                border { width: 2; color: "black" }
            }
        }
        Words {
            x: 16
            y: page.height * 0.7
            role: "small"
            textScale: 0.95
            thai: true
            weight: Font.DemiBold
            color: "black"
            text: "ทดสอบ กี่ปู่ฟ้าจ้ำ"
            Accessible.ignored: true
        }
        Words {
            visible: sheet.paperText !== ""
            x: 16
            y: page.height * 0.85
            role: "staff"
            textScale: 1
            color: "black"
            text: I18n.t("tech.test.page", { size: sheet.paperText })
            Accessible.ignored: true
        }
    }
}
