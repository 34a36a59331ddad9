pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What was found, in the order of the day: touch a photo to open it, its disc to choose it. The photos that only
   may be the visitor are folded behind their bar, which slides up over the sure ones. */
PageFrame {
    id: page
    objectName: "page.results"
    announced: Results.title

    /* Few photos are shown larger, so that the page is full of them and not of its ground. */
    readonly property bool isFew: Results.total > 0 && Results.total <= 4
    readonly property int manyColumns: (Theme.isPortrait ? 3 : 5) - (Theme.largerText ? 1 : 0)
    readonly property int fewColumns: Results.total > 2 ? (Theme.isPortrait ? 2 : 3) : Results.areLandscape || Results.total === 1 ? (Theme.isPortrait ? 1 : 2) : 2
    readonly property int columns: isFew && !Theme.lower ? fewColumns : manyColumns
    readonly property int fewRows: Theme.isPortrait ? Math.max(1, Math.ceil(Results.total / columns)) : 1
    readonly property int gap: Theme.isPortrait ? 17 : 16
    readonly property real tileWidth: tileWidthFor(columns)
    readonly property real fewHeight: Math.max(tileWidth * (columns === 1 ? 0.45 : 0.8), Math.min(tileWidth * 1.5, grid.roomForPhotos / fewRows - gap))
    readonly property real tileHeight: Math.round(Theme.lower ? Math.max(120, lowTileHeight) : isFew ? fewHeight : tileWidth * 1.255)
    readonly property real barTop: isLow ? primaryTop : Theme.isPortrait ? (Theme.largerText ? 1356 : 1410) : 936
    /* Brought lower, what is chosen and what it costs stands above, and a row of photos within reach. */
    readonly property real lowTileHeight: grid.height - grid.topMargin - (hasMaybe ? maybePanel.barHeight + 8 : 0) - 8
    readonly property bool hasMaybe: Results.maybeCount > 0
    readonly property bool hasOnlyMaybe: Results.total === 0 && hasMaybe
    readonly property bool hasNothing: Results.total === 0 && !hasMaybe
    readonly property bool isOfFriends: Results.isByFace && (Together.isGroup || Together.canAdd)
    readonly property real chipsBottom: Theme.lower ? Theme.reachTop + (chips.height > 0 ? chips.height : 0) : Theme.isPortrait ? (chips.height > 0 ? chips.y + chips.height : heading.y + heading.height) : 168

    function tileWidthFor(columnCount: int): real {
        return Math.floor((contentWidth - gap * (columnCount - 1)) / columnCount);
    }

    Words {
        id: heading
        x: page.contentX
        y: page.contentTop + (Theme.isPortrait ? 0 : -16)
        width: Theme.isPortrait || Theme.lower ? page.contentWidth : page.contentWidth - chips.width - 32
        role: Theme.isPortrait ? "h1" : "h2"
        weight: Font.DemiBold
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: 36
        maximumLineCount: 1
        text: Results.title
    }
    Flow {
        id: chips
        x: Theme.isPortrait ? page.contentX : page.contentX + page.contentWidth - width
        y: Theme.lower ? Theme.reachTop : Theme.isPortrait ? heading.y + heading.height + 12 : 88
        width: Theme.isPortrait ? page.contentWidth : friendChip.shown + filterChip.shown + favouriteChip.shown + playChip.shown - 16
        spacing: 16

        /* Beside the friend there is room for signs alone; the words are still what is read aloud. */
        component Chip: KioskButton {
            property string word: ""
            property bool isSign: false
            readonly property real shown: visible ? width + 16 : 0
            height: 80
            width: isSign ? 96 : implicitWidth
            isPill: true
            role: "small"
            maximumLines: 1
            text: isSign ? "" : word
            Accessible.name: word
        }
        Chip {
            id: filterChip
            objectName: "results.filter"
            visible: Results.canFilter && Results.total > 0
            width: Math.min(implicitWidth, page.isOfFriends ? 336 : 480)
            iconName: "funnel"
            isSelected: Results.filterText !== ""
            word: Results.filterText === "" ? I18n.t("results.filter") : Results.filterText
            onClicked: Navigator.openSheet("FilterSheet")
        }
        Chip {
            id: favouriteChip
            objectName: "results.favourites"
            visible: Results.total > 0
            isSign: page.isOfFriends
            iconName: "heart"
            isSelected: Results.areFavouritesOnly
            word: I18n.t("results.favourite")
            onClicked: Results.filterFavourites()
        }
        Chip {
            id: playChip
            objectName: "results.slideshow"
            visible: Results.shownCount > 1
            isSign: page.isOfFriends
            iconName: "play"
            word: I18n.t("results.slideshow")
            onClicked: Lightbox.playAll()
        }
        Chip {
            id: friendChip
            objectName: Together.isGroup ? "results.people" : "results.friend"
            visible: page.isOfFriends && Session.hasCamera
            iconName: "users"
            word: Together.isGroup ? I18n.t("together.count", { n: Together.count }) : I18n.t("results.friend")
            onClicked: {
                if (Together.isGroup)
                    Navigator.openSheet("TogetherSheet");
                else
                    Together.addFriend();
            }
        }
    }
    Segments {
        id: rule
        x: page.contentX
        y: page.chipsBottom + (Theme.lower ? 8 : 16)
        height: Theme.lower ? 64 : 80
        visible: Together.isGroup && Results.isByFace
        width: page.contentWidth
        name: "results.rule"
        options: [I18n.t("results.any"), I18n.t("results.all")]
        current: Together.isAllWanted ? 1 : 0
        onPicked: index => Together.wantAll(index === 1)
    }

    Item {
        id: stage
        x: page.contentX - 8
        y: (rule.visible ? rule.y + rule.height : page.chipsBottom) + (Theme.lower ? 4 : Theme.isPortrait ? 20 : 28)
        width: page.contentWidth + 24
        height: (Theme.isPortrait ? page.barTop - (page.isLow ? 4 : 16) : page.contentBottom) - y
        clip: true

        GridView {
            id: grid
            /* Above the bar of the maybes and the note. */
            readonly property real roomForPhotos: height - topMargin - bottomMargin - 56
            objectName: "results.grid"
            x: 8
            width: page.contentWidth + page.gap
            height: parent.height
            topMargin: 8
            bottomMargin: page.hasMaybe ? maybePanel.barHeight + 24 : 24
            cellWidth: page.tileWidth + page.gap
            cellHeight: page.tileHeight + page.gap
            cacheBuffer: page.tileHeight * 3
            reuseItems: true
            boundsBehavior: Flickable.StopAtBounds
            model: Results.sure
            footer: Item {
                width: page.contentWidth
                height: note.visible ? note.height + 16 : 0
                Words {
                    id: note
                    visible: Results.isBlurred && Results.shownCount > 0
                    width: parent.width
                    role: "small"
                    color: Theme.text2
                    text: I18n.t("results.blur_note")
                }
            }

            delegate: PhotoTile {
                required property int index
                row: index
                walk: ListWalk { view: grid }
                required isChosen
                required isBought
                required isFavourite
                required place
                objectName: "results.tile." + photoId
                discName: "results.disc." + photoId
                width: page.tileWidth
                height: page.tileHeight
                onOpened: Results.openPhoto(photoId)
                onMarked: Results.toggleChosen(photoId)
            }
        }
        Rectangle {
            anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
            height: page.hasMaybe ? maybePanel.barHeight + 40 : 40
            visible: !grid.atYEnd
            gradient: Gradient {
                GradientStop { position: 0; color: Qt.alpha(Theme.bg, 0) }
                GradientStop { position: 1; color: Theme.bg }
            }
        }
        Rectangle {
            visible: grid.contentHeight > grid.height
            x: parent.width - 8
            y: grid.visibleArea.yPosition * grid.height
            width: 6
            radius: 3
            height: Math.max(48, grid.visibleArea.heightRatio * grid.height)
            color: Theme.edge
        }
        Column {
            anchors.centerIn: parent
            visible: Results.shownCount === 0 && !page.hasOnlyMaybe
            width: Math.min(parent.width - 64, 760)
            spacing: Theme.lower ? 8 : 32
            Words {
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                role: Theme.lower ? "small" : "title"
                color: Theme.text2
                text: I18n.t(page.hasNothing ? "results.all.none" : "results.filter.none")
            }
            KioskButton {
                objectName: "results.showAll"
                visible: !page.hasNothing
                width: parent.width
                height: Theme.lower ? 80 : 112
                text: I18n.t("none.all")
                onClicked: Results.showAll()
            }
            KioskButton {
                objectName: "results.showAny"
                visible: page.hasNothing
                width: parent.width
                height: Theme.lower ? 80 : 112
                text: I18n.t("results.any")
                onClicked: Together.wantAll(false)
            }
        }

        MaybePanel {
            id: maybePanel
            x: 8
            width: page.contentWidth
            height: parent.height
            tileWidth: page.tileWidthFor(page.manyColumns)
            tileHeight: Theme.lower ? 120 : Math.round(tileWidth * 1.255)
            gap: page.gap
            isAlone: page.hasOnlyMaybe
        }
    }

    Toast {
        id: toast
        readonly property bool canUndo: Session.noticeKey.startsWith("results.not_me.")
        x: page.contentX
        y: (Theme.isPortrait ? page.barTop : page.contentBottom) - height - 24
        width: page.contentWidth
        isGood: Session.isNoticeGood
        Component.onCompleted: tell()
        onActed: Results.undoNotMe()
        function tell() {
            if (Session.noticeText !== "")
                show(Session.noticeText, canUndo ? I18n.t("common.undo") : "");
        }
        Connections {
            target: Session
            function onNoticed() { toast.tell(); }
        }
    }

    /* Portrait: the bar below. */
    BottomBar {
        visible: Theme.isPortrait
        y: page.isLow ? heading.y + heading.height : page.barTop
        height: page.isLow ? 208 : Theme.gridHeight - y
        color: page.isLow ? "transparent" : Theme.s1
        countText: Basket.count === 0 ? I18n.t("bar.empty") : I18n.counted("bar.count", Basket.count)
        satang: Basket.total
        hint: Basket.hint
        isOffer: Basket.hasOffer
        hintAmount: Basket.more > 0 ? I18n.t("bar.plus", { amount: Translator.baht(Basket.more) }) : ""
        z: -1
    }
    /* Landscape: the same in the action column, with what was chosen. */
    Column {
        visible: !Theme.isPortrait
        x: page.sideX
        y: page.sideTop
        width: page.sideWidth
        spacing: 24
        Words {
            width: parent.width
            role: "title"
            weight: Font.DemiBold
            text: Basket.count === 0 ? I18n.t("bar.empty") : I18n.counted("bar.count", Basket.count)
        }
        GridView {
            width: parent.width + 14
            height: Math.min(292, contentHeight)
            clip: true
            cellWidth: 146
            cellHeight: 146
            reuseItems: true
            boundsBehavior: Flickable.StopAtBounds
            model: Theme.isPortrait ? null : Basket.photos
            delegate: Photo { width: 132; height: 132; size: "medium"; saysMissing: false }
        }
    }
    Column {
        visible: !Theme.isPortrait && Basket.count > 0
        x: page.sideX
        y: page.primaryTop - height - 24
        width: page.sideWidth
        spacing: 20
        StatusRow {
            width: parent.width
            iconName: Basket.hasOffer ? "tag" : "check"
            tone: Theme.gold
            ink: Theme.text
            text: Basket.hint
        }
        Words {
            x: 48
            visible: Basket.more > 0
            width: parent.width - 48
            role: "small"
            color: Theme.text2
            text: I18n.t("bar.cheaper.detail", { amount: Translator.baht(Basket.more) })
        }
        Rectangle { width: parent.width; height: 2; color: Theme.line }
        Item {
            width: parent.width
            height: sum.height
            /* Beside a long sum there is no room for larger words. */
            Words { anchors.verticalCenter: parent.verticalCenter; role: "title"; textScale: 1; text: I18n.t("basket.total") }
            Money { id: sum; anchors.right: parent.right; satang: Basket.total; role: Theme.largerText ? "h2" : "h1"; unitRole: "body" }
        }
    }

    primary: KioskButton {
        objectName: "results.basket"
        anchors.fill: parent
        kind: "primary"
        iconName: "shopping-bag"
        reason: Basket.isEmpty ? I18n.t("basket.empty") : ""
        text: I18n.t("bar.go")
        onClicked: Results.openBasket()
    }
}
