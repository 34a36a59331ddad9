import QtQuick

/* Keyboard and switch walk a list or grid of many by its order, whichever of its rows there are at the moment:
   the last control of a row leads to the first of the next, which is brought into view. Rows tell their first and
   last one by `firstStop` and `lastStop`. */
QtObject {
    id: walk

    required property var view

    function go(index: int, isForward: bool) {
        const to = index + (isForward ? 1 : -1);
        if (to < 0 || to >= view.count) {
            leave(isForward);
            return;
        }
        view.positionViewAtIndex(to, GridView.Contain);
        view.forceLayout();
        const row = view.itemAtIndex(to);
        if (row)
            (isForward ? row.firstStop : row.lastStop).forceActiveFocus(isForward ? Qt.TabFocusReason : Qt.BacktabFocusReason);
    }
    /* What has the focus is seen, above what lies over the end of the list. */
    function bring(item: Item) {
        const top = item.mapToItem(view.contentItem, 0, 0).y;
        const room = view.height - view.bottomMargin;
        if (top < view.contentY + 4)
            view.contentY = top - 8;
        else if (top + item.height > view.contentY + room)
            view.contentY = Math.min(top - 8, top + item.height + 8 - room);
    }
    function leave(isForward: bool) {
        let next = view.nextItemInFocusChain(isForward);
        while (next && isInside(next))
            next = next.nextItemInFocusChain(isForward);
        if (next)
            next.forceActiveFocus(isForward ? Qt.TabFocusReason : Qt.BacktabFocusReason);
    }
    function isInside(item: Item): bool {
        let above = item;
        while (above && above !== view)
            above = above.parent;
        return above === view;
    }
}
