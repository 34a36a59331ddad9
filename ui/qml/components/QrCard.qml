pragma ComponentBehavior: Bound
import QtQuick
import Kiosk

/* A QR code on white: whole screen pixels for each module, 4 clear modules around it. From `text`, or from
   `imageSource` where somebody else drew it. */
Rectangle {
    id: card

    property string text: ""
    property string imageSource: ""
    /* What it is for, said to those who cannot see it. */
    property string label: I18n.t("deliver.scan")
    property real wantedSide: 480
    property alias heading: headingBox.data
    property alias caption: below.data
    readonly property real modules: Math.max(1, code.implicitWidth)
    /* How much the window enlarges the grid: a module must be whole on the screen, not on the grid. */
    readonly property real screenScale: Window.window ? Math.min(Window.width / Theme.gridWidth, Window.height / Theme.gridHeight) : 1
    readonly property real codeSide: imageSource !== "" ? wantedSide
        : modules * Math.max(1, Math.floor(wantedSide * screenScale / modules)) / screenScale

    width: wantedSide
    height: headingBox.height + codeSide + below.height + (wantedSide - codeSide)
    radius: Theme.radiusTile
    color: "white"
    Accessible.role: Accessible.Graphic
    Accessible.name: label

    Item { id: headingBox; width: parent.width; height: childrenRect.height }
    Image {
        id: code
        anchors.horizontalCenter: parent.horizontalCenter
        y: headingBox.height + (card.wantedSide - card.codeSide) / 2
        width: card.codeSide
        height: card.codeSide
        smooth: card.imageSource !== ""
        fillMode: Image.PreserveAspectFit
        source: card.imageSource !== "" ? card.imageSource
            : card.text === "" ? "" : "image://qr/" + encodeURIComponent(card.text)
        cache: false
        Accessible.ignored: true
    }
    Item { id: below; y: card.height - height; width: parent.width; height: childrenRect.height }
}
