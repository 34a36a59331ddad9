pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Shapes
import QtQuick.Templates as T
import Kiosk

/* The one button: `kind` is primary (gold, one a page), secondary (outline) or quiet (words and icon).
   `isWaiting` shows a ring and ignores touches; a `reason` makes it unavailable, dashed, and says why.
   `isPill` rounds it fully (filters, "read the full text"). Touch: `onClicked`. */
T.AbstractButton {
    id: button

    property string kind: "secondary"
    property string iconName: ""
    property bool isWaiting: false
    property string reason: ""
    property bool isPill: false
    property bool isSelected: false
    property string role: kind === "primary" ? "button" : height > 120 ? "title" : height > 100 ? "body" : "small"
    property int weight: kind === "primary" ? Font.DemiBold : Font.Medium
    property bool alignLeft: false
    property int maximumLines: 2
    property int iconSize: isLarge && Theme.isPortrait ? 48 : 40
    readonly property bool isLarge: role === "title" || role === "button" || role === "h2"
    /* Words in a place of fixed width do not grow with "larger text". */
    property real textScale: Theme.textScale
    readonly property bool isAvailable: reason === ""
    readonly property real corner: isPill ? height / 2 : Theme.radiusControl
    readonly property bool isHeld: down && isAvailable && !isWaiting
    readonly property color ink: !isAvailable ? Theme.text2
        : kind === "primary" || isSelected ? Theme.onGold : Theme.text
    readonly property real wordRoom: width - sidePadding * 2 - (iconName === "" && !isWaiting ? 0 : iconSize + gap)
    readonly property string fittingRole: wide.advanceWidth <= wordRoom ? role
        : wide.advanceWidth * ratio("button") <= wordRoom ? "button"
        : wide.advanceWidth * ratio("body") <= wordRoom ? "body" : "small"
    readonly property real sidePadding: kind === "quiet" ? 12 : isPill ? 30 : Theme.isPortrait ? 24 : 18
    readonly property real gap: isLarge && Theme.isPortrait ? 24 : 16

    function ratio(smaller: string): real {
        return Theme.textSize(smaller, Theme.isThai, 1) / Theme.textSize(role, Theme.isThai, 1);
    }

    Layout.fillWidth: true
    implicitHeight: Theme.isPortrait ? 128 : 104
    implicitWidth: Math.ceil(wide.advanceWidth) + sidePadding * 2 + (iconName === "" ? 0 : iconSize + gap) + 4
    enabled: isAvailable && !isWaiting
    focusPolicy: Qt.StrongFocus
    scale: isHeld ? 0.985 : 1
    Accessible.role: Accessible.Button
    Accessible.name: isAvailable ? text : reason
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    Behavior on scale { NumberAnimation { duration: Theme.pressMs; easing.type: Easing.OutCubic } }

    TextMetrics {
        id: wide
        font.family: Theme.family
        font.weight: button.weight
        font.pixelSize: Theme.textSize(button.role, Theme.isThai, button.textScale)
        text: button.isAvailable ? button.text : button.reason
    }

    background: Rectangle {
        radius: button.corner
        visible: button.isAvailable
        color: button.kind === "primary" ? (button.isHeld ? Theme.goldPressed : Theme.gold)
            : button.isSelected ? Theme.paper
            : button.isHeld ? Theme.s2 : "transparent"
        border { width: button.kind === "secondary" && !button.isSelected ? 2 : 0; color: Theme.edge }
        Behavior on color { ColorAnimation { duration: Theme.pressMs } }
    }

    Loader {
        anchors.fill: parent
        active: !button.isAvailable
        sourceComponent: Shape {
            id: dashes
            ShapePath {
                strokeColor: Theme.edge
                strokeWidth: 2
                strokeStyle: ShapePath.DashLine
                dashPattern: [5, 4]
                fillColor: "transparent"
                PathRectangle { x: 1; y: 1; width: dashes.width - 2; height: dashes.height - 2; radius: button.corner }
            }
        }
    }

    contentItem: Item {
        Row {
            anchors.verticalCenter: parent.verticalCenter
            x: button.alignLeft ? button.sidePadding : (parent.width - width) / 2
            spacing: button.gap

            Loader {
                anchors.verticalCenter: parent.verticalCenter
                active: button.isWaiting
                visible: active
                sourceComponent: WaitRing { tint: button.ink }
            }
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: button.iconName !== "" && !button.isWaiting
                name: button.iconName
                size: button.iconSize
                tint: button.ink
            }
            Words {
                anchors.verticalCenter: parent.verticalCenter
                width: Math.min(Math.ceil(implicitWidth), button.wordRoom)
                role: button.fittingRole
                textScale: button.textScale
                wrapMode: button.maximumLines > 1 ? Text.WordWrap : Text.NoWrap
                weight: button.weight
                text: button.isAvailable ? button.text : button.reason
                color: button.ink
                maximumLineCount: button.maximumLines
                horizontalAlignment: button.alignLeft ? Text.AlignLeft : Text.AlignHCenter
                Accessible.ignored: true
            }
        }
    }

    FocusRing { isShown: button.visualFocus; around: button.corner }
}
