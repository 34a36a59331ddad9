import QtQuick
import Kiosk

/* A line icon of resources/icons in any colour. */
Image {
    id: icon

    required property string name
    property color tint: Theme.text
    property int size: 40

    width: size
    height: size
    sourceSize: Qt.size(size, size)
    source: name === "" ? "" : "image://icons/" + name + "?color=" + encodeURIComponent(tint.toString())
    Accessible.ignored: true
}
