pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* Who is there, then their PIN: nothing of the day is seen before. */
FocusScope {
    id: page
    objectName: "staff.signIn"

    property string staffId: ""
    property string pin: ""
    readonly property string lockedText: staffId === "" || Staff.members.length === 0 ? "" : Staff.lockedText(staffId)
    readonly property bool canType: staffId !== "" && lockedText === "" && !Staff.isBusy
    readonly property bool isWide: !Theme.isPortrait
    readonly property string sentence: lockedText !== "" ? lockedText
        : Staff.noticeCode !== "" ? Staff.noticeText
        : I18n.t(staffId === "" ? "staff.sign_in.choose" : "staff.sign_in.pin")

    function type(digit: string) {
        if (!canType || pin.length >= 8)
            return;
        pin += digit;
        if (Staff.noticeCode !== "")
            Staff.clearNotice();
    }
    function enter() {
        if (canType && pin.length >= 4)
            Staff.signIn(staffId, pin);
    }

    /* Where only one works here, it is they who came; who does is known a moment after the page. */
    function chooseOnlyOne() {
        if (staffId === "" && Staff.members.length === 1)
            staffId = Staff.members[0].staffId;
    }

    focus: true
    Component.onCompleted: chooseOnlyOne()
    Keys.onPressed: event => {
        if (/^[0-9]$/.test(event.text))
            type(event.text);
        else if (event.key === Qt.Key_Backspace)
            pin = pin.slice(0, -1);
        else if (event.key === Qt.Key_Escape)
            Staff.close();
        else
            return;
        event.accepted = true;
    }
    Keys.onReturnPressed: enter()
    Keys.onEnterPressed: enter()

    Connections {
        target: Staff
        function onNoticed() {
            page.pin = "";
        }
        function onChanged() {
            page.chooseOnlyOne();
        }
    }

    Column {
        id: who
        x: page.isWide ? 160 : 120
        y: page.isWide ? 150 : 150
        width: page.isWide ? 720 : parent.width - 240
        spacing: 20

        StaffWords {
            width: parent.width
            size: 52
            weight: Font.DemiBold
            text: I18n.t("staff.sign_in.title")
        }
        StaffWords {
            width: parent.width
            size: 27
            color: Theme.text2
            text: Staff.eventName
        }
        Item { width: 1; height: 4 }
        ScrollArea {
            id: tiles
            width: parent.width
            height: Math.min(innerHeight, page.isWide ? 560 : 420)
            innerHeight: flow.height
            Flow {
                id: flow
                width: tiles.width
                spacing: 16
                Repeater {
                    model: Staff.members
                    T.AbstractButton {
                        id: tile
                        required property var modelData
                        readonly property bool isChosen: page.staffId === modelData.staffId
                        objectName: "signIn.who." + modelData.staffId
                        width: (flow.width - 16) / 2
                        height: 104
                        focusPolicy: Qt.StrongFocus
                        text: modelData.name
                        Accessible.role: Accessible.RadioButton
                        Accessible.name: modelData.name + ", " + modelData.role
                        Accessible.checked: isChosen
                        /* Digits may be typed while the name has the focus: then this enters. */
                        Keys.onReturnPressed: isChosen && page.pin !== "" ? page.enter() : click()
                        onClicked: {
                            page.staffId = modelData.staffId;
                            page.pin = "";
                            if (Staff.noticeCode !== "")
                                Staff.clearNotice();
                        }
                        background: Rectangle {
                            radius: Theme.radiusControl
                            color: tile.isChosen ? Theme.paper : tile.down ? Theme.s2 : Theme.s1
                            border { width: tile.isChosen ? 0 : 2; color: Theme.edge }
                        }
                        contentItem: Item {
                            Icon {
                                x: 28
                                anchors.verticalCenter: parent.verticalCenter
                                name: tile.isChosen ? "check" : "user"
                                tint: tile.isChosen ? Theme.onPaper : Theme.text2
                                size: 36
                            }
                            Column {
                                x: 84
                                anchors.verticalCenter: parent.verticalCenter
                                width: parent.width - x - 16
                                StaffWords {
                                    width: parent.width
                                    size: 28
                                    weight: Font.DemiBold
                                    wrapMode: Text.NoWrap
                                    elide: Text.ElideRight
                                    color: tile.isChosen ? Theme.onPaper : Theme.text
                                    text: tile.modelData.name
                                    Accessible.ignored: true
                                }
                                StaffWords {
                                    width: parent.width
                                    size: 22
                                    wrapMode: Text.NoWrap
                                    color: tile.isChosen ? Theme.onPaper : Theme.text2
                                    text: tile.modelData.role
                                    Accessible.ignored: true
                                }
                            }
                        }
                        FocusRing { isShown: tile.visualFocus }
                    }
                }
            }
        }
    }

    Rectangle {
        id: pad
        x: page.isWide ? 1080 : 120
        y: page.isWide ? 150 : who.y + who.height + 56
        width: page.isWide ? 640 : parent.width - 240
        height: keys.y + keys.height + 40
        radius: Theme.radiusCard
        color: Theme.s1

        StaffWords {
            id: hint
            objectName: "signIn.sentence"
            x: 40
            y: 32
            width: parent.width - 80
            height: lineHeight * 2
            size: 26
            verticalAlignment: Text.AlignVCenter
            horizontalAlignment: Text.AlignHCenter
            maximumLineCount: 2
            color: page.lockedText !== "" || Staff.noticeCode !== "" ? Theme.bad : Theme.text
            text: page.sentence
            Accessible.role: Accessible.AlertMessage
        }
        Row {
            id: dots
            objectName: "signIn.dots"
            anchors.horizontalCenter: parent.horizontalCenter
            y: hint.y + hint.height + 16
            height: 40
            spacing: 22
            Accessible.role: Accessible.StaticText
            Accessible.name: I18n.counted("staff.sign_in.typed", page.pin.length)
            Repeater {
                model: Math.max(4, page.pin.length)
                Rectangle {
                    required property int index
                    anchors.verticalCenter: parent.verticalCenter
                    width: 24; height: 24; radius: 12
                    color: index < page.pin.length ? Theme.gold : "transparent"
                    border { width: index < page.pin.length ? 0 : 3; color: Theme.edge }
                }
            }
        }
        StaffWords {
            y: dots.y + dots.height + 4
            anchors.horizontalCenter: parent.horizontalCenter
            width: implicitWidth
            height: lineHeight
            size: 22
            color: Theme.text2
            text: page.lockedText === "" && Staff.noticeCode === "" && Staff.members.length > 0 ? Staff.triesText(page.staffId) : ""
        }
        Column {
            id: keys
            x: (parent.width - width) / 2
            y: dots.y + dots.height + 48
            width: Math.min(parent.width - 80, 620)
            spacing: 16
            Keypad {
                width: parent.width
                opacity: page.canType || Staff.isBusy ? 1 : 0.4
                enabled: page.canType
                onTyped: digit => page.type(digit)
                onErased: page.pin = page.pin.slice(0, -1)
            }
            KioskButton {
                objectName: "signIn.enter"
                width: parent.width
                height: 96
                kind: "primary"
                role: "title"
                textScale: 0.9
                isWaiting: Staff.isBusy
                reason: Staff.isBusy ? "" : page.staffId === "" ? I18n.t("staff.sign_in.choose")
                    : page.lockedText !== "" ? page.lockedText
                    : page.pin.length < 4 ? I18n.t("staff.sign_in.short") : ""
                text: I18n.t("staff.sign_in.enter")
                onClicked: page.enter()
            }
        }
    }
    LanguageSwitch {
        x: parent.width - width - (page.isWide ? 200 : 120)
        y: parent.height - height - 56
        height: 72
    }
    StaffButton {
        objectName: "signIn.leave"
        x: page.isWide ? 148 : 108
        y: parent.height - height - 56
        height: 72
        kind: "quiet"
        iconName: "chevron-left"
        text: I18n.t("staff.leave")
        onClicked: Staff.close()
    }
}
