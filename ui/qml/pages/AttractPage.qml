pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* A public photo, the promise, the price. Primary: find my photos (without a camera: without my face). */
PageFrame {
    id: page
    objectName: "page.attract"
    announced: I18n.t("attract.title")

    readonly property var photos: Session.publicPhotoIds
    property int turn: 0
    property bool isDue: false
    readonly property real pictureWidth: Theme.isPortrait ? 1080 : 1400
    readonly property real pictureHeight: Theme.isPortrait ? 1260 : 1080

    isOverPhoto: photos.length > 0
    hasBack: false
    hasMyData: false

    Timer {
        interval: 6000
        repeat: true
        running: page.photos.length > 1
        onTriggered: {
            page.isDue = true;
            page.advance();
        }
    }

    /* Once it is due, to the next photo: not before it is there, and past one that cannot be had. */
    function advance() {
        const next = pictures.itemAt((turn + 1) % 2) as Picture;
        if (next && next.isReady) {
            isDue = false;
            turn += 1;
        } else if (next && next.isMissing) {
            next.place += 1;
        }
    }
    component Picture: Photo {
        required property int index
        /* Each of the two keeps its picture until it has faded out; only then it takes the next one. */
        property int place: index

        function take() {
            photoId = page.photos.length > 0 ? page.photos[place % page.photos.length] : "";
        }

        photoId: ""
        onPlaceChanged: take()
        Component.onCompleted: take()
    }

    background: [
        Repeater {
            id: pictures
            model: 2
            Picture {
                id: picture
                readonly property bool isFront: page.turn % 2 === index
                width: page.pictureWidth
                height: page.pictureHeight
                size: "watermarked"
                radius: 0
                saysMissing: false
                visible: page.photos.length > 0 && opacity > 0
                opacity: isFront ? 1 : 0
                onOpacityChanged: if (opacity === 0) place = page.turn + 1
                onIsReadyChanged: if (page.isDue) page.advance()
                Connections {
                    target: page
                    /* The list grows during an event; a photo that is still on it stays where it is. */
                    function onPhotosChanged() {
                        if (!page.photos.includes(picture.photoId))
                            picture.take();
                    }
                }
                Behavior on opacity { NumberAnimation { duration: Theme.pageMs * 3 } }
            }
        },
        /* No photo may be shown to everybody yet: the promise itself, drawn. */
        Item {
            visible: page.photos.length === 0
            width: page.pictureWidth
            height: Theme.isPortrait ? 1080 : 700
            Rectangle {
                anchors.centerIn: parent
                width: Theme.isPortrait ? 560 : 400
                height: width
                radius: width / 2
                color: Theme.s1
                border { width: 6; color: Theme.line }
                Icon {
                    anchors.centerIn: parent
                    name: "scan-face"
                    size: Math.round(parent.width * 0.56)
                    tint: Theme.gold
                }
            }
        },
        Rectangle {
            y: page.pictureHeight - height
            width: page.pictureWidth
            height: Theme.isPortrait ? 560 : 760
            gradient: Gradient {
                GradientStop { position: 0; color: Qt.alpha(Theme.bg, 0) }
                GradientStop { position: Theme.isPortrait ? 0.55 : 0.38; color: Qt.alpha(Theme.bg, 0.8) }
                GradientStop { position: 1; color: Theme.bg }
            }
        }
    ]

    Column {
        x: page.contentX
        y: (Theme.isPortrait ? page.contentBottom - 20 : 904) - height
        width: page.contentWidth
        spacing: 24

        Words {
            width: parent.width
            role: "display"
            weight: Font.DemiBold
            text: I18n.t("attract.title")
        }
        Words {
            width: parent.width
            text: I18n.t("attract.sub", { price: Translator.baht(Session.singlePrice) })
        }
        NoticeLine { width: parent.width }
    }

    Words {
        visible: !Theme.isPortrait && Session.photoCount > 0
        x: page.sideX
        y: page.sideTop
        width: page.sideWidth
        role: "title"
        weight: Font.DemiBold
        text: I18n.t("attract.count", { n: Session.photoCount })
    }

    seconds: [
        KioskButton {
            objectName: "attract.manual"
            role: "body"
            visible: Session.hasCamera
            text: I18n.t("attract.no_face")
            onClicked: Session.goManual()
        },
        KioskButton {
            objectName: "attract.orderCode"
            role: "body"
            text: I18n.t("attract.redownload")
            onClicked: Navigator.openSheet("OrderSheet")
        }
    ]
    primary: KioskButton {
        objectName: "attract.begin"
        anchors.fill: parent
        focus: true
        kind: "primary"
        role: "h2"
        iconName: Session.hasCamera ? "scan-face" : "hash"
        text: I18n.t(Session.hasCamera ? "attract.start" : "attract.no_face")
        onClicked: Session.hasCamera ? Session.begin() : Session.goManual()
    }
}
