import QtQuick
import Kiosk
import "../components"

/* What the staff's pages share: a title with a second line, a status or actions at the right, the way back; children
   are placed in pixels of the page inside `content*`, beside or below the rail. */
FocusScope {
    id: frame

    default property alias pageItems: page.data
    property alias actions: actionRow.data
    property string title: ""
    property string subtitle: ""

    readonly property bool hasBack: StaffNavigator.canGoBack
    readonly property real contentX: 40
    readonly property real contentTop: Theme.isPortrait ? 100 : 118
    readonly property real contentWidth: width - contentX - (Theme.isPortrait ? 40 : 48)
    readonly property real contentBottom: height - 36
    readonly property real contentHeight: contentBottom - contentTop

    focus: true
    Keys.onEscapePressed: event => {
        event.accepted = hasBack;
        if (hasBack)
            StaffNavigator.back();
    }

    RoundButton {
        id: back
        objectName: "staff.back"
        visible: frame.hasBack
        x: frame.contentX - 12
        y: heading.y + heading.lineHeight / 2 - height / 2
        width: 64
        height: 64
        iconName: "chevron-left"
        isOutlined: true
        iconSize: 32
        text: I18n.t("common.back")
        onClicked: StaffNavigator.back()
    }
    StaffWords {
        id: heading
        x: frame.hasBack ? frame.contentX + 72 : frame.contentX
        y: (Theme.isPortrait ? 52 : 62) - lineHeight / 2
        width: Math.min(implicitWidth, actionRow.x - x - 16)
        size: 42
        weight: Font.DemiBold
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        text: frame.title
    }
    StaffWords {
        x: heading.x + heading.width + 22
        y: heading.y + heading.lineHeight / 2 - lineHeight / 2 + 5
        visible: width > 120
        width: actionRow.x - 24 - x
        color: Theme.text2
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        text: frame.subtitle
    }
    Row {
        id: actionRow
        x: frame.width - (Theme.isPortrait ? 40 : 48) - width
        y: heading.y + heading.lineHeight / 2 - height / 2
        spacing: 16
    }
    Item { id: page; width: frame.width; height: frame.height }
}
