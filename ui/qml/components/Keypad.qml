pragma ComponentBehavior: Bound
import QtQuick

/* Digits for bib and photo numbers, keys 92 high. Owner keeps the text: `typed`, `erased`, `confirmed`. */
Grid {
    id: pad

    property bool canConfirm: true
    /* Off where the page has an action of its own for what was typed. */
    property bool hasConfirm: true
    signal typed(string letter)
    signal erased
    signal confirmed

    columns: 3
    spacing: 16
    width: 520

    Repeater {
        model: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "erase", "0", "ok"]
        Key {
            required property string modelData
            objectName: "key" + modelData
            visible: modelData !== "ok" || pad.hasConfirm
            width: (pad.width - 32) / 3
            height: 92
            text: modelData === "ok" ? I18n.t("common.ok") : modelData
            iconName: modelData === "erase" ? "delete" : modelData === "ok" ? "check" : ""
            isGold: modelData === "ok"
            enabled: modelData !== "ok" || pad.canConfirm
            opacity: enabled ? 1 : 0.4
            onClicked: modelData === "erase" ? pad.erased() : modelData === "ok" ? pad.confirmed() : pad.typed(modelData)
        }
    }
}
