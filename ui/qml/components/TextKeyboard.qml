pragma ComponentBehavior: Bound
import QtQuick
import Kiosk

/* Letters for names, addresses and passwords: Latin, Thai (Kedmanee), figures and signs. The owner keeps the text:
   `typed`, `erased`, `confirmed`. `letters` is latin, thai or signs; shift holds for one letter. */
Column {
    id: board

    property string letters: Theme.isThai ? "thai" : "latin"
    property bool isShifted: false
    property bool canConfirm: true
    property string confirmText: I18n.t("common.done")
    /* Whole endings that a key of their own types. */
    property var endings: []
    /* An address has no spaces: the endings take the place of that key. */
    property bool hasSpace: true
    readonly property real gap: 8
    readonly property var plain: ({
            latin: ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"],
            thai: ["ๅ/-ภถุึคตจขช", "ๆไำพะัีรนยบล", "ฟหกดเ้่าสวง", "ผปแอิืทมใฝ"],
            signs: ["1234567890", "@#%&*-+=()", "!?\"':;/\\,.", "_~[]{}<>|$"]
        })
    readonly property var shifted: ({
            latin: ["1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"],
            thai: ["+๑๒๓๔ู฿๕๖๗๘๙", "๐\"ฎฑธํ๊ณฯญฐ,", "ฤฆฏโฌ็๋ษศซ.", "()ฉฮฺ์?ฒฬฦ"],
            signs: plain.signs
        })
    readonly property var rows: (isShifted ? shifted : plain)[letters]
    readonly property real keyHeight: Theme.lower ? (Theme.isPortrait ? 72 : 56) : Theme.isPortrait ? 96 : 84
    readonly property int widest: letters === "thai" ? 12 : 10
    readonly property real keyWidth: (width - gap * (widest - 1)) / widest
    signal typed(string text)
    signal erased
    signal confirmed

    function press(letter: string) {
        typed(letter);
        isShifted = false;
    }
    function turnTo(wanted: string) {
        letters = wanted;
        isShifted = false;
    }
    /* A mark of Thai stands above or below a circle, as alone it has no place of its own. */
    function shownOn(letter: string): string {
        return /[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]/.test(letter) ? "\u25cc" + letter : letter;
    }

    width: 952
    spacing: gap

    component Letter: Key {
        required property string letter
        objectName: "key." + letter
        width: board.keyWidth
        height: board.keyHeight
        text: board.shownOn(letter)
        Accessible.name: letter
        onClicked: board.press(letter)
    }

    Repeater {
        model: 4
        Row {
            id: row
            required property int index
            readonly property string line: board.rows[index]
            readonly property bool isLast: index === 3
            anchors.horizontalCenter: parent.horizontalCenter
            spacing: board.gap

            Key {
                visible: row.isLast && board.letters !== "signs"
                objectName: "key.shift"
                width: board.letters === "thai" ? board.keyWidth : board.keyWidth * 1.4
                height: board.keyHeight
                iconName: "arrow-up"
                isGold: board.isShifted
                text: I18n.t("store.type.shift")
                onClicked: board.isShifted = !board.isShifted
            }
            Repeater {
                model: row.line.length
                Letter {
                    required property int index
                    letter: row.line.charAt(index)
                }
            }
            Key {
                visible: row.isLast && board.letters !== "signs"
                objectName: "key.erase"
                width: board.letters === "thai" ? board.keyWidth : board.keyWidth * 1.4
                height: board.keyHeight
                iconName: "delete"
                text: I18n.t("common.erase")
                autoRepeat: true
                onClicked: board.erased()
            }
        }
    }
    Row {
        id: last
        readonly property real layerWidth: Math.max(96, width * 0.11)
        readonly property real rest: width - endingKeys.width - layerKeys.width - done.width - gap * (board.endings.length > 0 ? 3 : 2)
        readonly property real endingRoom: width - layerKeys.width - done.width - gap * 2 - (eraser.visible ? eraser.width + gap : 0)
        readonly property real gap: board.gap
        width: parent.width
        spacing: gap

        Row {
            id: layerKeys
            spacing: last.gap
            Repeater {
                model: ["latin", "thai", "signs"].filter(name => name !== board.letters)
                Key {
                    required property string modelData
                    objectName: "key." + modelData
                    width: last.layerWidth
                    height: board.keyHeight
                    role: "body"
                    text: modelData === "latin" ? "ABC" : modelData === "thai" ? "กขค" : "12#"
                    Accessible.name: I18n.t("store.type." + modelData)
                    onClicked: board.turnTo(modelData)
                }
            }
        }
        Key {
            objectName: "key.space"
            visible: board.hasSpace
            width: last.rest - (eraser.visible ? eraser.width + last.gap : 0)
            height: board.keyHeight
            role: "small"
            text: I18n.t("store.type.space")
            onClicked: board.press(" ")
        }
        Row {
            id: endingKeys
            spacing: last.gap
            Repeater {
                model: board.endings
                Key {
                    required property string modelData
                    objectName: "key." + modelData
                    width: board.hasSpace ? Math.max(96, modelData.length * 24)
                        : (last.endingRoom - last.gap * (board.endings.length - 1)) / board.endings.length
                    height: board.keyHeight
                    role: "small"
                    text: modelData
                    onClicked: board.press(modelData)
                }
            }
        }
        Key {
            id: eraser
            visible: board.letters === "signs"
            objectName: "key.eraseSign"
            width: 112
            height: board.keyHeight
            iconName: "delete"
            text: I18n.t("common.erase")
            autoRepeat: true
            onClicked: board.erased()
        }
        Key {
            id: done
            objectName: "key.done"
            width: Math.max(176, parent.width * 0.2)
            height: board.keyHeight
            isGold: true
            enabled: board.canConfirm
            role: "small"
            text: board.confirmText
            onClicked: board.confirmed()
        }
    }
}
