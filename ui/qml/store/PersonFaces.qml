pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The faces that somebody is recognised by: removed one by one, another added. */
Card {
    id: card

    padding: 28
    spacing: 16

    Item {
        width: card.innerWidth
        height: Math.max(title.height, add.height)
        Words {
            id: title
            anchors.verticalCenter: parent.verticalCenter
            role: "title"
            weight: Font.DemiBold
            text: I18n.t("store.person.faces")
        }
        KioskButton {
            id: add
            objectName: "person.addFace"
            visible: !Person.isGuest && Person.canAddFace
            anchors.right: parent.right
            width: implicitWidth
            height: 72
            role: "small"
            iconName: "plus"
            iconSize: 32
            text: I18n.t("store.person.add_face")
            onClicked: {
                Enrolment.askMore(Person.card.personId, Person.name, Person.card.kind);
                StoreNavigator.go("enrol");
            }
        }
    }
    Flow {
        width: card.innerWidth
        spacing: 20
        Repeater {
            model: Person.faces
            Column {
                id: one
                required property var modelData
                required property int index
                width: 168
                spacing: 6
                Item {
                    width: 168; height: 168
                    PersonFace {
                        anchors.fill: parent
                        pictureKey: one.modelData.pictureKey
                        Accessible.role: Accessible.Graphic
                        Accessible.name: I18n.t("store.person.face_of", { date: one.modelData.addedText })
                    }
                    RoundButton {
                        objectName: "person.removeFace." + one.modelData.ordinal
                        visible: Person.canLoseFace
                        anchors { right: parent.right; top: parent.top; margins: 6 }
                        width: 64; height: 64
                        iconSize: 30
                        iconName: "trash-2"
                        text: I18n.t("store.person.remove_face")
                        onClicked: Person.removeFace(one.modelData.ordinal)
                    }
                }
                Words {
                    width: parent.width
                    horizontalAlignment: Text.AlignHCenter
                    role: "staff"
                    color: Theme.text2
                    text: one.modelData.pictureKey === "" ? I18n.t("store.person.face_gone") : one.modelData.addedText
                }
            }
        }
    }
    Words {
        visible: Person.isShown && !Person.canLoseFace && !Person.isGuest
        width: card.innerWidth
        role: "small"
        textScale: 0.9
        color: Theme.text2
        text: I18n.t("store.person.last_faces", { name: Person.name })
    }
}
