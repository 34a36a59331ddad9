import QtQuick
import Kiosk

/* One photo, whole, in its place. Two fingers enlarge it up to 4 times, a double tap to 2.5 and back; enlarged
   it moves with the finger, otherwise a sweep turns the page: `swept(1)` to the next, `swept(-1)` back. */
Item {
    id: view

    required property string photoId
    /* Width to height of the photo. */
    property real aspect: 1
    readonly property bool isReady: image.isReady
    readonly property bool isMissing: image.isMissing
    readonly property bool isEnlarged: zoom > 1.01
    property real zoom: 1
    property real panX: 0
    property real panY: 0
    signal swept(int direction)

    function reset() {
        zoom = 1;
        panX = 0;
        panY = 0;
    }
    /* The edge of the photo never leaves the edge of its place. */
    function hold() {
        const roomX = Math.max(0, (image.fittedWidth * zoom - width) / 2);
        const roomY = Math.max(0, (image.fittedWidth / aspect * zoom - height) / 2);
        panX = Math.max(-roomX, Math.min(roomX, panX));
        panY = Math.max(-roomY, Math.min(roomY, panY));
    }
    function enlarge(wanted: real, atX: real, atY: real) {
        const next = Math.max(1, Math.min(4, wanted));
        const fromX = atX - width / 2, fromY = atY - height / 2;
        panX = fromX - (fromX - panX) * next / zoom;
        panY = fromY - (fromY - panY) * next / zoom;
        zoom = next;
        hold();
    }

    clip: true
    onPhotoIdChanged: reset()
    onWidthChanged: hold()
    Accessible.role: Accessible.Graphic
    Accessible.name: Lightbox.taken

    PhotoView {
        id: image
        /* Made larger than shown, so that there is something to see when it is enlarged. */
        readonly property real finer: 1.5
        readonly property real fittedWidth: Math.min(view.width, view.height * view.aspect)
        width: Math.round(fittedWidth * finer)
        height: Math.round(fittedWidth / view.aspect * finer)
        x: (view.width - width) / 2 + view.panX
        y: (view.height - height) / 2 + view.panY
        scale: view.zoom / finer
        visible: isReady
        photoId: view.photoId
        preview: "watermarked"
    }
    Words {
        visible: view.isMissing
        anchors.centerIn: parent
        width: parent.width - 128
        horizontalAlignment: Text.AlignHCenter
        color: Theme.text2
        text: I18n.t("error.photo_missing")
    }
    WaitRing {
        anchors.centerIn: parent
        visible: !view.isReady && !view.isMissing
        tint: Theme.gold
    }

    PinchHandler {
        id: pinch
        target: null
        property real before: 1
        onActiveChanged: before = view.zoom
        onActiveScaleChanged: if (active) view.enlarge(before * activeScale, centroid.position.x, centroid.position.y)
    }
    DragHandler {
        target: null
        property point before: Qt.point(0, 0)
        property real moved: 0
        onActiveChanged: {
            if (active) {
                before = Qt.point(view.panX, view.panY);
                moved = 0;
            } else if (!view.isEnlarged && Math.abs(moved) > 90) {
                view.swept(moved < 0 ? 1 : -1);
            }
        }
        onActiveTranslationChanged: {
            if (!active)
                return;
            moved = activeTranslation.x;
            if (view.isEnlarged) {
                view.panX = before.x + activeTranslation.x;
                view.panY = before.y + activeTranslation.y;
                view.hold();
            }
        }
    }
    TapHandler {
        onDoubleTapped: point => view.isEnlarged ? view.reset() : view.enlarge(2.5, point.position.x, point.position.y)
    }
}
