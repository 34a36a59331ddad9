import QtQuick
import Kiosk

/* A card: children stand in a column with its padding. */
Rectangle {
    id: card

    default property alias items: column.data
    property alias spacing: column.spacing
    property real padding: 36
    readonly property real innerWidth: width - padding * 2

    height: column.height + padding * 2
    radius: Theme.radiusCard
    color: Theme.s1

    Column {
        id: column
        x: card.padding
        y: card.padding
        width: card.innerWidth
        spacing: 28
    }
}
