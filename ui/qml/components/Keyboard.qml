pragma ComponentBehavior: Bound
import QtQuick

/* Thai and Latin letters, digits; `kind` is code (capitals and digits), email (.com) or text. Owner keeps the
   text: `typed`, `erased`, `confirmed`. */
Column {
    id: board

    property string kind: "text"
    property bool isThai: false
    property bool isShifted: false
    property string confirmText: I18n.t("common.done")
    property bool canConfirm: true
    readonly property real gap: 10
    readonly property real keyWidth: (width - gap * 9) / 10
    readonly property var latinRows: ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
    readonly property var thaiRows: isShifted
        ? ["๐๑๒๓๔๕๖๗๘๙", "ฎฑธณฯญฐฅฤฆ", "ฏโฌ็๋ษศซฺฉ", "ฮ์ฒฬฦฃฅ"]
        : ["ภถุึคตจขชๅ", "ๆไำพะัีรนย", "ฟหกดเ้่าสว", "บลงผปแอืท", "มใฝ"]
    signal typed(string letter)
    signal erased
    signal confirmed

    width: 952
    spacing: gap

    component LetterRow: Row {
        id: letters
        required property string keys
        anchors.horizontalCenter: parent.horizontalCenter
        spacing: board.gap
        Repeater {
            model: letters.keys.length
            Key {
                required property int index
                readonly property string letter: letters.keys.charAt(index)
                width: board.keyWidth
                height: 96
                text: board.kind === "code" || (board.isShifted && !board.isThai) ? letter.toUpperCase() : letter
                onClicked: board.typed(text)
            }
        }
    }

    LetterRow { visible: !board.isThai; keys: "1234567890" }
    Repeater {
        model: board.isThai ? board.thaiRows : board.latinRows
        LetterRow { required property string modelData; keys: modelData }
    }
    Row {
        anchors.horizontalCenter: parent.horizontalCenter
        spacing: board.gap
        Key {
            visible: board.kind !== "code"
            width: board.keyWidth; height: 96
            iconName: "arrow-up"
            isGold: board.isShifted
            text: "Shift"
            onClicked: board.isShifted = !board.isShifted
        }
        Key {
            visible: board.kind === "text"
            width: board.keyWidth; height: 96
            text: board.isThai ? "A" : "ก"
            onClicked: board.isThai = !board.isThai
        }
        Repeater {
            model: board.kind === "email" ? ["@", ".", "-", "_", ".com", ".co.th"] : board.kind === "code" ? ["-"] : ["-", " ", "."]
            Key {
                required property string modelData
                width: modelData.length > 1 ? board.keyWidth * 1.6 : modelData === " " ? board.keyWidth * 3 : board.keyWidth
                height: 96
                role: modelData.length > 1 ? "small" : "title"
                text: modelData
                onClicked: board.typed(modelData)
            }
        }
        Key {
            width: board.keyWidth * (board.kind === "email" ? 1 : 1.6); height: 96
            iconName: "delete"
            text: "Backspace"
            onClicked: board.erased()
        }
        Key {
            objectName: "keyDone"
            width: board.keyWidth * (board.kind === "email" ? 1.6 : 3); height: 96
            isGold: true
            enabled: board.canConfirm
            opacity: enabled ? 1 : 0.4
            role: "small"
            text: board.confirmText
            onClicked: board.confirmed()
        }
    }
}
