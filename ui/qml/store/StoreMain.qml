import QtQuick
import Kiosk
import "../components"

/* The store's window: the design grid, scaled as a whole to whatever the window is; the page, the sheet over it, and
   over both the sentence of the moment. */
Window {
    id: root

    title: Store.siteName
    color: ScreenSleep.isDark ? "black" : Theme.bg
    onWidthChanged: Theme.setWindowSize(width, height)
    onHeightChanged: Theme.setWindowSize(width, height)

    /* Pages are compiled one by one while the wall stands, so that none makes anybody wait. */
    Timer {
        id: warming
        property list<Component> ready
        readonly property list<string> names: StoreNavigator.allPages()
        interval: 40
        repeat: true
        running: host.shownPage !== "" && ready.length < names.length
        onTriggered: ready.push(Qt.createComponent(names[ready.length] + ".qml", Component.Asynchronous))
    }

    Item {
        id: grid
        objectName: "grid"
        visible: !ScreenSleep.isDark
        width: Theme.gridWidth
        height: Theme.gridHeight
        transformOrigin: Item.TopLeft
        scale: Math.min(root.width / width, root.height / height)
        x: (root.width - width * scale) / 2
        y: (root.height - height * scale) / 2

        /* Keyboard and switch go on where they were: on top, or back on the page when a sheet has gone. */
        function focusTop() {
            const top = sheets.item ?? host.shownItem;
            if (top)
                (top as FocusScope).forceActiveFocus();
        }

        PageHost {
            id: host
            anchors.fill: parent
            folder: "../store/"
            page: StoreNavigator.page
            enabled: sheets.item === null
        }
        Loader {
            id: sheets
            objectName: "sheets"
            anchors.fill: parent
            source: StoreNavigator.sheet === "" ? "" : StoreNavigator.sheet + ".qml"
            onItemChanged: grid.focusTop()
        }
        Toast {
            id: toast
            objectName: "toast"
            /* On the wall the switches and what is said of privacy are below, figures at the right: it lies on the
               pictures there. */
            readonly property bool isOnPictures: StoreNavigator.page === "WallPage" && StoreNavigator.sheet === ""
            x: (isOnPictures && !Theme.isPortrait ? 48 + 1304 / 2 : parent.width / 2) - width / 2
            y: isOnPictures ? (Theme.isPortrait ? 232 : 124) : parent.height - height - (Theme.isPortrait ? 160 : 96)
            width: Math.min(parent.width - 96, 1080)
        }
        Connections {
            target: Store
            function onNoticed() {
                toast.isGood = Store.isNoticeGood;
                toast.lifeMs = Store.isNoticeGood ? 5000 : 15000;
                const code = Store.noticeCode;
                toast.show(Store.noticeText + (code === "" || Store.noticeText.includes(code) ? "" : " (" + code + ")"), I18n.t("common.ok"));
            }
        }
        Connections {
            target: toast
            function onOpacityChanged() {
                if (toast.opacity === 0 && Store.noticeText !== "")
                    Store.clearNotice();
            }
        }
    }
}
