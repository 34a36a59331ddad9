pragma ComponentBehavior: Bound
import QtQuick
import Kiosk

/* Shows one page; the next one is made in the background and takes its place when it is whole, then the one
   before is gone at once (nothing of it may stay in memory). Moves 24 px, fades; less movement: neither. */
Item {
    id: host

    required property string page
    property string folder: "../pages/"
    /* The page that is on the screen now, as tests and the demo wait for it. */
    property string shownPage: ""
    property Loader front: first
    readonly property Item shownItem: front.item as Item

    function turn() {
        const next = front === first ? second : first;
        if (page === "")
            return;
        if (page === shownPage) {
            next.source = "";
            return;
        }
        patience.stop();
        if (page === "SearchingPage")
            patience.start();
        else
            make();
    }

    function make() {
        const next = front === first ? second : first;
        next.source = folder + page + ".qml";
    }

    /* A search takes a twentieth of a second as a rule: its page comes when it takes longer, else it would flash
       up, and the results would have to wait for it. */
    Timer {
        id: patience
        interval: 200
        onTriggered: host.make()
    }

    function swap(loaded: Loader) {
        const before = front;
        front = loaded;
        loaded.visible = true;
        if (before !== loaded) {
            before.visible = false;
            before.source = "";
        }
        shownPage = page;
        (loaded.item as Item).forceActiveFocus();
        enter.target = loaded;
        enter.restart();
        slide.target = loaded;
        slide.restart();
    }

    onPageChanged: turn()
    Component.onCompleted: turn()

    component Half: Loader {
        id: half
        width: host.width
        height: host.height
        asynchronous: host.shownPage !== ""
        visible: false
        onLoaded: host.swap(half)
    }
    Half { id: first }
    Half { id: second }

    NumberAnimation {
        id: enter
        property: "opacity"; from: 0; to: 1
        duration: Theme.pageMs; easing.type: Easing.OutCubic
    }
    NumberAnimation {
        id: slide
        property: "y"; from: Theme.lessMotion ? 0 : 24; to: 0
        duration: Theme.pageMs; easing.type: Easing.OutCubic
    }
}
