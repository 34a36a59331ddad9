pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* The faces and visits of a person: touched, they are somebody else's. */
FocusScope {
    id: choice

    ScrollArea {
        id: area
        width: parent.width
        height: foot.y - 24
        innerHeight: content.height

        Column {
            id: content
            width: area.width
            spacing: 20
            bottomPadding: 24
            Words {
                width: parent.width
                role: Theme.isPortrait ? "title" : "h2"
                weight: Font.DemiBold
                text: I18n.t("store.split.title")
            }
            Words {
                width: parent.width
                color: Theme.text2
                text: I18n.t("store.split.hint", { name: Person.name })
            }
            Flow {
                width: parent.width
                spacing: 20
                topPadding: 8
                leftPadding: 8
                Repeater {
                    model: Person.faces
                    T.AbstractButton {
                        id: face
                        required property var modelData
                        readonly property bool isTicked: Split.faces.indexOf(modelData.ordinal) >= 0
                        objectName: "split.face." + modelData.ordinal
                        width: 176; height: 176
                        focusPolicy: Qt.StrongFocus
                        Accessible.role: Accessible.CheckBox
                        Accessible.name: I18n.t("store.person.face_of", { date: modelData.addedText })
                        Accessible.checked: isTicked
                        Keys.onReturnPressed: click()
                        onClicked: Split.toggleFace(modelData.ordinal)
                        contentItem: Item {
                            PersonFace { anchors.fill: parent; pictureKey: face.modelData.pictureKey }
                            Rectangle {
                                anchors.fill: parent
                                visible: face.isTicked
                                radius: Theme.radiusTile
                                color: "transparent"
                                border { width: 8; color: Theme.gold }
                            }
                            TickDisc {
                                anchors { right: parent.right; top: parent.top; margins: 12 }
                                width: 52; height: 52
                                isTicked: face.isTicked
                            }
                        }
                        FocusRing { isShown: face.visualFocus; around: Theme.radiusTile }
                    }
                }
            }
            Words {
                visible: Person.visits.length > 0
                role: "title"
                weight: Font.DemiBold
                text: I18n.t("store.person.visits")
            }
            Column {
                width: parent.width
                spacing: 8
                Repeater {
                    model: Person.visits
                    VisitsRow {
                        required property var modelData
                        width: content.width
                        visit: modelData
                        hasName: false
                        isTickable: true
                        isTicked: Split.visits.indexOf(modelData.visitId) >= 0
                        onClicked: Split.toggleVisit(modelData.visitId)
                    }
                }
            }
        }
    }
    Item {
        id: foot
        y: parent.height - height
        width: parent.width
        height: Theme.isPortrait ? 112 + 20 + 40 : 112
        Words {
            objectName: "split.chosen"
            anchors.verticalCenter: Theme.isPortrait ? undefined : parent.verticalCenter
            width: Theme.isPortrait ? parent.width : parent.width - next.width - 48
            role: "small"
            color: Theme.text2
            text: Split.chosenText
        }
        KioskButton {
            id: next
            objectName: "split.next"
            anchors { right: parent.right; bottom: parent.bottom }
            width: Theme.isPortrait ? parent.width : 760
            height: 112
            kind: "primary"
            reason: Split.problem
            text: I18n.t("store.split.next")
            onClicked: Split.goOn()
        }
    }
}
