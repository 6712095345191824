//! Fields that may have the wrong type: what is wrong is kept as a word for the message, so that one
//! broken field does not hide the rest of the document.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A text, borrowed from the document where it has no escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Text<'a> {
    /// The member is not there.
    #[default]
    Absent,
    /// A text.
    Is(Cow<'a, str>),
    /// Something else, in words.
    Wrong(&'static str),
}

/// A list of at most `MAX` entries; more are counted and not kept.
#[derive(Debug, Default)]
pub(super) enum List<T, const MAX: usize> {
    /// The member is not there.
    #[default]
    Absent,
    /// A list.
    Is {
        /// The first entries.
        items: Vec<T>,
        /// All of them, counted.
        count: usize,
    },
    /// Something else, in words.
    Wrong(&'static str),
}

/// An object.
#[derive(Debug, Default)]
pub(super) enum Item<T> {
    /// The member is not there.
    #[default]
    Absent,
    /// An object.
    Is(T),
    /// Something else, in words.
    Wrong(&'static str),
}

impl<T, const MAX: usize> List<T, MAX> {
    /// Adds an entry, for readers that do not read JSON.
    pub(super) fn push(&mut self, item: T) {
        match self {
            Self::Is { items, count } => {
                *count = count.saturating_add(1);
                if items.len() < MAX {
                    items.push(item);
                }
            }
            Self::Absent | Self::Wrong(_) => {
                *self = Self::Is {
                    items: vec![item],
                    count: 1,
                };
            }
        }
    }
}

/// The visits that all three have in common: scalars that are no text.
macro_rules! scalars_are_wrong {
    ($wrong:path) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($wrong("null"))
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($wrong("a boolean"))
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($wrong("a number"))
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($wrong("a number"))
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($wrong("a number"))
        }
    };
}

/// A list where none belongs, read to its end.
fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<&'static str, A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok("an array")
}

/// An object where none belongs, read to its end.
fn skip_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<&'static str, A::Error> {
    while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok("an object")
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    scalars_are_wrong!(Text::Wrong);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text::Is(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text::Is(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Text<'de>, A::Error> {
        skip_list(list).map(Text::Wrong)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Text<'de>, A::Error> {
        skip_object(object).map(Text::Wrong)
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for ListVisitor<T, MAX> {
    type Value = List<T, MAX>;

    scalars_are_wrong!(List::Wrong);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(List::Wrong("a string"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() < MAX {
            let Some(item) = list.next_element()? else {
                let count = items.len();
                return Ok(List::Is { items, count });
            };
            items.push(item);
        }
        let mut count = items.len();
        while list.next_element::<IgnoredAny>()?.is_some() {
            count = count.saturating_add(1);
        }
        Ok(List::Is { items, count })
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        skip_object(object).map(List::Wrong)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemVisitor(PhantomData))
    }
}

struct ItemVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ItemVisitor<T> {
    type Value = Item<T>;

    scalars_are_wrong!(Item::Wrong);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Item::Wrong("a string"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        skip_list(list).map(Item::Wrong)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Item::Is)
    }
}
