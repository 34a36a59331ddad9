import QtQuick
import Kiosk
import "../components"

/* What the pages of the store's window share: title, second line and actions above, the way back at their right,
   the language below; children are placed in pixels of the grid inside `content*`. `foot` holds what stands beside
   the language. */
FocusScope {
    id: frame

    default property alias pageItems: page.data
    property alias actions: actionRow.data
    property alias foot: footRow.data
    property string title: ""
    property string subtitle: ""
    property string backText: I18n.t("common.back")
    property bool hasBack: StoreNavigator.canGoBack
    signal backAsked

    readonly property real margin: Theme.isPortrait ? 64 : 48
    readonly property real contentX: margin
    readonly property real contentTop: Theme.isPortrait ? 216 : 108
    readonly property real contentWidth: width - margin * 2
    readonly property real contentBottom: footTop - 16
    readonly property real contentHeight: contentBottom - contentTop
    readonly property real footTop: Theme.isPortrait ? 1816 : 1000

    width: Theme.gridWidth
    height: Theme.gridHeight
    focus: true
    onBackAsked: StoreNavigator.back()
    Keys.onEscapePressed: if (hasBack) backAsked()

    Words {
        id: heading
        x: frame.margin
        y: (Theme.isPortrait ? 72 : 52) - lineHeight / 2
        width: Math.min(implicitWidth, Theme.isPortrait ? frame.contentWidth : head.x - x - 32)
        height: lineHeight
        role: "button"
        textScale: 0.8
        weight: Font.DemiBold
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        text: frame.title
    }
    Words {
        readonly property real rest: (Theme.isPortrait ? frame.width - frame.margin : head.x - 24) - x
        x: heading.x + heading.width + 20
        y: heading.y + heading.lineHeight / 2 - lineHeight / 2 + 3
        visible: rest > 80
        width: rest
        height: lineHeight
        role: "small"
        textScale: 0.82
        color: Theme.text2
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        text: frame.subtitle
    }
    Row {
        id: head
        x: Theme.isPortrait ? frame.margin - 12 : frame.width - frame.margin + 12 - width
        y: Theme.isPortrait ? 120 : 20
        spacing: Theme.isPortrait ? 16 : 20
        Row { id: actionRow; spacing: parent.spacing }
        HeadAction {
            objectName: "head.back"
            visible: frame.hasBack
            iconName: "chevron-left"
            text: frame.backText
            onClicked: frame.backAsked()
        }
    }

    Item { id: page; width: frame.width; height: frame.height }

    Item {
        id: footRow
        x: frame.margin
        y: frame.footTop
        width: language.x - x - 24
        height: 64
    }
    LanguageSwitch {
        id: language
        x: frame.width - frame.margin - width
        y: frame.footTop
        height: 64
    }
}
