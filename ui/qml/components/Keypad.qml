pragma ComponentBehavior: Bound
import QtQuick
import Kiosk

/* Digits for photo numbers, keys 92 high. Owner keeps the text: `typed`, `erased`. */
Grid {
    id: pad

    /* What the place beside the 0 types; nothing as a rule. */
    property string extra: ""
    signal typed(string letter)
    signal erased

    property real keyHeight: Theme.lower ? (Theme.isPortrait ? 88 : 64) : 92
    columns: 3
    spacing: Theme.lower ? 8 : 16

    Repeater {
        model: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "erase", "0"].concat(pad.extra === "" ? [] : [pad.extra])
        Key {
            required property string modelData
            readonly property bool isErase: modelData === "erase"
            objectName: "key" + modelData
            width: (pad.width - pad.spacing * (pad.columns - 1)) / pad.columns
            height: pad.keyHeight
            text: isErase ? I18n.t("common.erase") : modelData
            iconName: isErase ? "delete" : ""
            onClicked: isErase ? pad.erased() : pad.typed(modelData)
        }
    }
}
