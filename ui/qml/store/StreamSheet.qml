pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Everything about one camera: what it shows and the line across it, what it is called and where it is, how it stands;
   or a new one. Typing, and the question before it is deleted, lie over it. */
FocusScope {
    id: sheet
    objectName: "StreamSheet"

    property string typed: ""
    property bool asksToDelete: false
    readonly property bool isCovered: typed !== "" || asksToDelete
    readonly property real padding: Theme.isPortrait ? 64 : 48
    /* A new camera has no picture yet: its sheet is no larger than what is asked. */
    readonly property real cardWidth: Streams.isNew && !Theme.isPortrait ? 1200 : width
    readonly property real cardTop: Streams.isNew ? Math.max(24, height - form.height - 300) : 24
    readonly property real leftEdge: (width - cardWidth) / 2 + padding
    readonly property real innerWidth: cardWidth - padding * 2
    readonly property real pictureWidth: Theme.isPortrait ? innerWidth : 800
    readonly property real contentTop: cardTop + 108

    function dismiss() {
        Streams.close();
        StoreNavigator.closeSheet();
    }
    /* What a field is called, as its button and the sheet to type on say. */
    function label(field: string): string {
        return field === "" ? "" : I18n.t(field === "site" ? "store.stream.site_name" : "store.stream." + field);
    }

    width: Theme.gridWidth
    height: Theme.gridHeight
    focus: true
    Accessible.role: Accessible.Dialog
    Accessible.name: heading.text
    Keys.onEscapePressed: dismiss()
    onIsCoveredChanged: (isCovered ? over.item as FocusScope ?? sheet : sheet).forceActiveFocus()

    Connections {
        target: Streams
        function onDone() {
            sheet.dismiss();
        }
    }

    Rectangle {
        anchors.fill: parent
        color: Qt.alpha(Theme.bg, 0.6)
        MouseArea { objectName: "outside"; anchors.fill: parent; onClicked: sheet.dismiss() }
    }
    Rectangle {
        x: (parent.width - width) / 2
        y: sheet.cardTop
        width: sheet.cardWidth
        height: parent.height - y + Theme.radiusCard
        radius: Theme.radiusCard
        color: Theme.s1
        border { width: 2; color: Theme.line }
        MouseArea { anchors.fill: parent }
    }
    FocusScope {
        anchors.fill: parent
        focus: true
        enabled: !sheet.isCovered

        Words {
            id: heading
            x: sheet.leftEdge
            y: sheet.cardTop + 56 - lineHeight / 2
            width: sheet.innerWidth - shut.width - 24
            role: "title"
            weight: Font.DemiBold
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: Streams.isNew ? I18n.t("store.stream.new") : Streams.name
        }
        RoundButton {
            id: shut
            objectName: "stream.close"
            x: sheet.leftEdge + sheet.innerWidth - width + 12
            y: sheet.cardTop + 56 - height / 2
            width: 72
            height: 72
            isOutlined: true
            iconSize: 34
            iconName: "x"
            text: I18n.t("common.cancel")
            onClicked: sheet.dismiss()
        }

        StreamPicture {
            id: picture
            visible: !Streams.isNew
            x: sheet.leftEdge
            y: sheet.contentTop
            width: sheet.pictureWidth
        }
        ScrollArea {
            id: fields
            x: sheet.leftEdge + (Theme.isPortrait || Streams.isNew ? 0 : sheet.pictureWidth + 48)
            y: picture.visible && Theme.isPortrait ? picture.y + picture.height + 32 : sheet.contentTop
            width: sheet.leftEdge + sheet.innerWidth - x
            height: foot.y - y - 20
            innerHeight: form.height
            ground: Theme.s1
            focus: true

            StreamFields {
                id: form
                width: fields.width
                focus: true
                onAsked: field => sheet.typed = field
            }
        }

        Item {
            id: foot
            x: sheet.leftEdge
            y: sheet.height - 104 - (Theme.isPortrait ? 40 : 24)
            width: sheet.innerWidth
            height: 104
            KioskButton {
                objectName: "stream.delete"
                visible: !Streams.isNew
                y: 8
                width: implicitWidth
                height: 88
                kind: "quiet"
                role: "body"
                iconName: "trash-2"
                iconSize: 36
                text: I18n.t("store.stream.delete")
                onClicked: sheet.asksToDelete = true
            }
            KioskButton {
                objectName: "stream.save"
                anchors.right: parent.right
                width: Theme.isPortrait ? 520 : 560
                height: 104
                kind: "primary"
                role: "title"
                isWaiting: Streams.isSaving
                reason: Streams.isSaving ? "" : Streams.problemText
                text: I18n.t(Streams.isSaving ? "store.stream.saving" : Streams.isNew ? "store.stream.add" : "store.stream.save")
                onClicked: Streams.save()
            }
        }
    }

    Loader {
        id: over
        anchors.fill: parent
        active: sheet.isCovered
        sourceComponent: sheet.asksToDelete ? deleting : typing
        onItemChanged: if (item) (item as FocusScope).forceActiveFocus()
    }
    Component {
        id: typing
        TypingSheet {
            title: sheet.label(sheet.typed)
            kind: sheet.typed === "password" ? "secret" : sheet.typed === "address" || sheet.typed === "path" || sheet.typed === "user" ? "address" : "text"
            endings: sheet.typed === "address" ? ["rtsp://", ".", ":", "/"] : sheet.typed === "path" ? ["/", ".", "_", "-"] : sheet.typed === "user" ? [".", "_", "-", "@"] : []
            hint: sheet.typed === "name" ? I18n.t("store.stream.name_hint") : ""
            most: sheet.typed === "address" || sheet.typed === "path" ? 400 : 80
            Component.onCompleted: text = sheet.typed === "site" || sheet.typed === "password" ? "" : Streams.field(sheet.typed)
            onDismissed: sheet.typed = ""
            onEntered: text => {
                if (sheet.typed === "site")
                    Streams.addSite(text);
                else
                    Streams.setField(sheet.typed, text);
                sheet.typed = "";
            }
        }
    }
    Component {
        id: deleting
        StreamDeleting { onDismissed: sheet.asksToDelete = false }
    }
}
