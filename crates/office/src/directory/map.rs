//! The province at a glance: a map of equal tiles, each place where it lies to the others, darker where more bodies are
//! on file. Tiles and not outlines: 平潭 and 南平 are as easy to see and to press.

use super::PlaceCount;

/// A place on the map: column (in halves) and row.
const LAYOUT: [(&str, u32, u32); 10] = [
    ("350700", 2, 0),
    ("350900", 4, 0),
    ("350400", 1, 1),
    ("350100", 3, 1),
    ("350128", 5, 1),
    ("350800", 0, 2),
    ("350500", 2, 2),
    ("350300", 4, 2),
    ("350600", 1, 3),
    ("350200", 3, 3),
];

/// Half the width of a tile, and the height of a row, in the units of the picture.
const HALF: u32 = 48;
const ROW: u32 = 83;

/// One tile.
pub(super) struct Tile {
    pub code: String,
    pub label: String,
    pub bodies: usize,
    /// From 0, none, to 4, most.
    pub shade: usize,
    /// The middle of the tile.
    pub x: u32,
    pub y: u32,
    pub chosen: bool,
}

/// The tiles of the places that the layout knows.
pub(super) fn tiles(places: &[PlaceCount], chosen: Option<&str>) -> Vec<Tile> {
    let most = places.iter().map(|place| place.bodies).max().unwrap_or(0).max(1);
    LAYOUT
        .iter()
        .filter_map(|(code, column, row)| {
            let place = places.iter().find(|place| place.code == *code)?;
            Some(Tile {
                code: place.code.clone(),
                label: short(&place.name),
                bodies: place.bodies,
                shade: (place.bodies * 4).div_ceil(most),
                x: HALF + column * HALF + 6,
                y: 58 + row * ROW,
                chosen: chosen == Some(*code),
            })
        })
        .collect()
}

/// 福州市 is 福州 on the map, 平潭综合实验区 is 平潭.
fn short(name: &str) -> String {
    name.chars().take(2).collect()
}
