pragma ComponentBehavior: Bound
import QtQuick

/* Digits for photo numbers, keys 92 high. Owner keeps the text: `typed`, `erased`. */
Grid {
    id: pad

    signal typed(string letter)
    signal erased

    columns: 3
    spacing: 16

    Repeater {
        model: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "erase", "0"]
        Key {
            required property string modelData
            readonly property bool isErase: modelData === "erase"
            objectName: "key" + modelData
            width: (pad.width - 32) / 3
            height: 92
            text: isErase ? I18n.t("common.erase") : modelData
            iconName: isErase ? "delete" : ""
            onClicked: isErase ? pad.erased() : pad.typed(modelData)
        }
    }
}
