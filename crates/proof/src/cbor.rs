//! The few words of CBOR (RFC 8949) that a statement on paper is made of, in its one deterministic form: shortest heads,
//! definite lengths. A reader that takes nothing else leaves nobody two ways of writing one statement.

/// Unsigned and negative integers, byte strings, texts, arrays, maps and tags: their major types.
const UINT: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// Writes one item after the other.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    fn head(mut self, major: u8, value: u64) -> Self {
        let major = major << 5;
        match value {
            0..24 => self.0.push(major | value as u8),
            24..0x100 => self.0.extend([major | 24, value as u8]),
            0x100..0x1_0000 => {
                self.0.push(major | 25);
                self.0.extend((value as u16).to_be_bytes());
            }
            0x1_0000..0x1_0000_0000 => {
                self.0.push(major | 26);
                self.0.extend((value as u32).to_be_bytes());
            }
            _ => {
                self.0.push(major | 27);
                self.0.extend(value.to_be_bytes());
            }
        }
        self
    }

    pub(crate) fn int(self, value: i64) -> Self {
        // A negative number is written as the distance below −1, which is its complement.
        if value < 0 { self.head(NEGATIVE, !value as u64) } else { self.head(UINT, value as u64) }
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self = self.head(BYTES, bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        self = self.head(TEXT, text.len() as u64);
        self.0.extend(text.as_bytes());
        self
    }

    pub(crate) fn array(self, items: u64) -> Self {
        self.head(ARRAY, items)
    }

    pub(crate) fn map(self, pairs: u64) -> Self {
        self.head(MAP, pairs)
    }

    pub(crate) fn tag(self, tag: u64) -> Self {
        self.head(TAG, tag)
    }

    pub(crate) fn end(self) -> Vec<u8> {
        self.0
    }
}

/// Reads what [`Writer`] writes, and nothing else; `None` is something else.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn head(&mut self) -> Option<(u8, u64)> {
        let first = self.take(1)?[0];
        let (value, least) = match first & 31 {
            small @ 0..24 => return Some((first >> 5, small.into())),
            24 => (u64::from(self.take(1)?[0]), 24),
            25 => (u64::from(u16::from_be_bytes(self.take(2)?.try_into().ok()?)), 0x100),
            26 => (u64::from(u32::from_be_bytes(self.take(4)?.try_into().ok()?)), 0x1_0000),
            27 => (u64::from_be_bytes(self.take(8)?.try_into().ok()?), 0x1_0000_0000),
            _ => return None,
        };
        (value >= least).then_some((first >> 5, value))
    }

    fn of(&mut self, major: u8) -> Option<u64> {
        self.head().filter(|(found, _)| *found == major).map(|(_, value)| value)
    }

    pub(crate) fn int(&mut self) -> Option<i64> {
        match self.head()? {
            (UINT, value) => i64::try_from(value).ok(),
            (NEGATIVE, value) => i64::try_from(value).ok().map(|value| !value),
            _ => None,
        }
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.of(BYTES)?;
        self.take(usize::try_from(length).ok()?)
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        let length = self.of(TEXT)?;
        std::str::from_utf8(self.take(usize::try_from(length).ok()?)?).ok()
    }

    /// An array of so many items begins.
    pub(crate) fn array(&mut self, items: u64) -> Option<()> {
        (self.of(ARRAY)? == items).then_some(())
    }

    /// A map of so many pairs begins.
    pub(crate) fn map(&mut self, pairs: u64) -> Option<()> {
        (self.of(MAP)? == pairs).then_some(())
    }

    pub(crate) fn tag(&mut self, tag: u64) -> Option<()> {
        (self.of(TAG)? == tag).then_some(())
    }

    /// An integer that must be this one.
    pub(crate) fn key(&mut self, key: i64) -> Option<()> {
        (self.int()? == key).then_some(())
    }

    /// Nothing may follow.
    pub(crate) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}
