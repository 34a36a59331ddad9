import QtQuick
import Kiosk

/* A photo of the event by id, cut to this item, corners rounded; a flat tile while it loads or is missing. */
Item {
    id: photo

    required property string photoId
    /* small (150), medium (300), large (800) or watermarked (1920). */
    property string size: "medium"
    property real radius: Theme.radiusTile
    property bool saysMissing: true
    readonly property bool isReady: image.status === Image.Ready && image.implicitWidth > 1
    readonly property bool isMissing: image.status === Image.Ready && image.implicitWidth <= 1

    Rectangle {
        anchors.fill: parent
        visible: !photo.isReady
        radius: photo.radius
        color: Theme.s2
        Rectangle {
            anchors.centerIn: parent
            visible: !photo.isMissing && photo.saysMissing
            width: parent.width * 0.64; height: 8; radius: 4
            color: Theme.line
        }
        Icon {
            visible: photo.isMissing && !photo.saysMissing
            anchors.centerIn: parent
            name: "image-off"
            tint: Theme.text2
        }
        Words {
            visible: photo.isMissing && photo.saysMissing
            anchors { fill: parent; margins: 20 }
            verticalAlignment: Text.AlignVCenter
            horizontalAlignment: Text.AlignHCenter
            role: "small"
            color: Theme.text2
            text: I18n.t("error.photo_missing")
        }
    }
    Image {
        id: image
        anchors.fill: parent
        visible: photo.isReady
        asynchronous: true
        sourceSize: Qt.size(photo.width, photo.height)
        source: photo.photoId === "" || photo.width < 1 ? ""
            : "image://photos/" + photo.size + "/" + encodeURIComponent(photo.photoId) + "?radius=" + photo.radius
    }
}
