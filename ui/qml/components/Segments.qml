pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Kiosk

/* One of a few, side by side: the chosen one on paper. `picked` says which. */
Rectangle {
    id: control

    required property var options
    property int current: 0
    property string name: ""
    signal picked(int index)

    implicitHeight: 80
    radius: height / 2
    color: "transparent"
    border { width: 2; color: Theme.edge }

    Repeater {
        model: control.options
        T.AbstractButton {
            id: segment
            required property string modelData
            required property int index
            readonly property bool isChosen: control.current === index
            objectName: control.name + "." + index
            x: index * width
            width: control.width / control.options.length
            height: control.height
            focusPolicy: Qt.StrongFocus
            Accessible.role: Accessible.RadioButton
            Accessible.name: modelData
            Accessible.checked: isChosen
            onClicked: control.picked(index)
            Keys.onReturnPressed: click()
            background: Rectangle {
                radius: height / 2
                color: segment.isChosen ? Theme.paper : segment.down ? Theme.s2 : "transparent"
            }
            contentItem: Item {
                Words {
                    anchors.centerIn: parent
                    width: parent.width - 32
                    role: "small"
                    weight: Font.Medium
                    horizontalAlignment: Text.AlignHCenter
                    maximumLineCount: 1
                    fontSizeMode: Text.HorizontalFit
                    minimumPixelSize: 24
                    color: segment.isChosen ? Theme.onPaper : Theme.text
                    text: segment.modelData
                    Accessible.ignored: true
                }
            }
            FocusRing { isShown: segment.visualFocus; around: 40 }
        }
    }
}
