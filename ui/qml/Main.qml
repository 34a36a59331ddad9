import QtQuick
import Kiosk
import "components"

/* The window: the design grid, scaled as a whole to whatever the window is; the page, the sheet over it. */
Window {
    id: root

    title: "Photo kiosk"
    color: Theme.bg
    onWidthChanged: Theme.setWindowSize(width, height)
    onHeightChanged: Theme.setWindowSize(width, height)

    /* Pages and sheets are compiled one by one while the first page stands, so that none makes anybody wait. */
    Timer {
        id: warming
        property list<Component> ready
        readonly property list<string> names: Navigator.allPages()
        interval: 40
        repeat: true
        running: host.shownPage !== "" && ready.length < names.length
        onTriggered: ready.push(Qt.createComponent("pages/" + names[ready.length] + ".qml", Component.Asynchronous))
    }

    Item {
        id: grid
        objectName: "grid"
        width: Theme.gridWidth
        height: Theme.gridHeight
        transformOrigin: Item.TopLeft
        scale: Math.min(root.width / width, root.height / height)
        x: (root.width - width * scale) / 2
        y: (root.height - height * scale) / 2

        PageHost {
            id: host
            anchors.fill: parent
            page: Navigator.page
            enabled: sheets.item === null
        }
        Loader {
            id: sheets
            objectName: "sheets"
            readonly property string wanted: Session.isIdleWarning ? "IdleSheet" : Navigator.sheet
            anchors.fill: parent
            focus: item !== null
            source: wanted === "" ? "" : "pages/" + wanted + ".qml"
            onLoaded: (item as FocusScope).forceActiveFocus()
        }
    }
}
