import "../components"

/* Words of the staff's pages: `size` in pixels, at least 20; a visitor's "larger text" is not theirs. */
Words {
    property real size: 24

    role: "small"
    textScale: size / 27
}
