import QtQuick
import Kiosk

/* A photo of the event by id, cut to this item, corners rounded; a flat tile while it loads or is missing. */
Item {
    id: photo

    required property string photoId
    /* small (150), medium (300), large (800), watermarked (1920); still: the visitor's own picture. */
    property string size: "medium"
    property real radius: Theme.radiusTile
    property bool saysMissing: true
    readonly property bool isReady: image.isReady
    readonly property bool isMissing: image.isMissing

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
        /* Made only where it is needed: a grid has dozens of photos, and hardly ever a missing one. */
        Loader {
            active: photo.isMissing
            anchors { fill: parent; margins: 20 }
            sourceComponent: photo.saysMissing ? sentence : sign
        }
    }
    Component {
        id: sign
        Item {
            Icon { anchors.centerIn: parent; name: "image-off"; tint: Theme.text2 }
        }
    }
    Component {
        id: sentence
        Words {
            verticalAlignment: Text.AlignVCenter
            horizontalAlignment: Text.AlignHCenter
            role: "small"
            color: Theme.text2
            text: I18n.t("error.photo_missing")
        }
    }
    PhotoView {
        id: image
        anchors.fill: parent
        visible: isReady
        photoId: photo.photoId
        preview: photo.size
        corner: photo.radius
    }
}
