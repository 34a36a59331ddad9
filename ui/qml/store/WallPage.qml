pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The wall: up to four live pictures at a time, and today's figures. */
StorePage {
    id: page
    objectName: "page.wall"
    title: Store.siteName
    subtitle: Store.timeLine
    hasBack: false

    readonly property real gap: 16
    readonly property real wallWidth: Theme.isPortrait ? contentWidth : 1304
    readonly property int columns: Wall.tileCount < 2 ? 1 : 2
    readonly property int lines: Math.max(1, Math.ceil(Wall.tileCount / columns))
    readonly property real tileWidth: (wallWidth - gap * (columns - 1)) / columns
    readonly property real footOfTile: tileWidth < 560 ? 112 : 64
    readonly property real tileHeight: Theme.isPortrait ? tileWidth * 9 / 16 + footOfTile
        : columns === 1 ? wallHeight : (wallHeight - gap) / 2
    readonly property real wallHeight: contentBottom - contentTop
    readonly property real wallBottom: contentTop + lines * (tileHeight + gap) - gap

    function settle(streamId: string) {
        Streams.open(streamId);
        StoreNavigator.openSheet("StreamSheet");
    }

    actions: [
        HeadAction {
            objectName: "head.reports"
            iconName: "list"
            text: I18n.t("store.head.reports")
            onClicked: StoreNavigator.go("reports")
        },
        HeadAction {
            objectName: "head.people"
            iconName: "users"
            text: I18n.t("store.head.people")
            onClicked: StoreNavigator.go("people")
        },
        HeadAction {
            objectName: "head.held"
            iconName: "shield-check"
            text: I18n.t("store.head.held")
            onClicked: StoreNavigator.go("held")
        },
        HeadAction {
            objectName: "head.add"
            iconName: "plus"
            text: I18n.t("store.head.add")
            onClicked: {
                Streams.openNew();
                StoreNavigator.openSheet("StreamSheet");
            }
        },
        HeadAction {
            objectName: "head.close"
            iconName: "chevron-left"
            text: I18n.t("store.head.close")
            onClicked: StoreNavigator.openSheet("CloseSheet")
        }
    ]

    Repeater {
        model: Wall.tiles
        StreamTile {
            required property int index
            x: page.contentX + (index % page.columns) * (page.tileWidth + page.gap)
            y: page.contentTop + Math.floor(index / page.columns) * (page.tileHeight + page.gap)
            width: page.tileWidth
            height: page.tileHeight
            onChosen: page.settle(streamId)
        }
    }
    Rectangle {
        visible: Wall.streamCount === 0
        x: page.contentX
        y: page.contentTop
        width: page.wallWidth
        height: page.tileHeight
        radius: Theme.radiusCard
        color: Theme.s1
        Column {
            anchors.centerIn: parent
            width: parent.width - 128
            spacing: 20
            Icon { anchors.horizontalCenter: parent.horizontalCenter; name: "camera"; size: 64; tint: Theme.text2 }
            Words { width: parent.width; horizontalAlignment: Text.AlignHCenter; role: "title"; weight: Font.DemiBold; text: I18n.t("store.wall.none") }
            Words { width: parent.width; horizontalAlignment: Text.AlignHCenter; role: "small"; color: Theme.text2; text: I18n.t("store.wall.none_hint") }
            KioskButton {
                objectName: "wall.first"
                anchors.horizontalCenter: parent.horizontalCenter
                width: Math.max(360, implicitWidth)
                height: 96
                kind: "primary"
                iconName: "plus"
                text: I18n.t("store.head.add")
                onClicked: {
                    Streams.openNew();
                    StoreNavigator.openSheet("StreamSheet");
                }
            }
        }
    }
    KioskButton {
        id: more
        objectName: "wall.more"
        visible: Wall.pageCount > 1
        x: Theme.isPortrait ? page.contentX + page.contentWidth - width : page.contentX + page.wallWidth - width
        y: Theme.isPortrait ? page.wallBottom + page.gap : page.footTop
        width: implicitWidth
        height: 64
        kind: "secondary"
        role: "small"
        textScale: 0.85
        iconName: "chevron-right"
        iconSize: 30
        maximumLines: 1
        text: I18n.t("store.wall.page", {
            first: Wall.page * 4 + 1, last: Math.min(Wall.streamCount, Wall.page * 4 + 4), n: Wall.streamCount
        })
        onClicked: Wall.turnPage()
    }
    TodayPanel {
        x: Theme.isPortrait ? page.contentX : 1372
        y: Theme.isPortrait ? page.wallBottom + page.gap + (more.visible ? 80 : 0) : page.contentTop
        width: Theme.isPortrait ? page.contentWidth : 500
        height: page.contentBottom - y
    }

    foot: WallLegend {
        width: parent.width
        y: (parent.height - height) / 2
    }
}
