//! Typed ids: positions in lists that print as in dumps (`v7`, `k2`, `b3`).
//!
//! In: a name and a letter. Out: a number of its own type, so that no list is indexed by another's. Used
//! for the graph's lists here and for the schedule's in its crate.

/// Defines the types: a documentation, a name, the letter it prints with.
#[macro_export]
macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident, $letter:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl $name {
            /// Position in the list that this is an index of.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }
    )* };
}
