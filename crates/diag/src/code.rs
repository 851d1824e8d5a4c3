//! The catalogue of rules: one code each, with its page.
//!
//! E00xx reading files · E01xx syntax · E02xx names · E03xx shapes · E04xx arguments ·
//! E05xx heads, losses, metrics · E06xx data, training, sweeps · E07xx reports · W…. warnings.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// A rule of the language.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every rule.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// As it is written: `E0312`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// The page that `kiln explain` shows: what, why, a failing spec, the fix.
            pub fn page(self) -> &'static str {
                match self { $(Code::$name => include_str!(concat!("pages/", $text, ".md")),)* }
            }
        }
    };
}

codes! {
    /// Something else was expected here.
    Syntax = "E0100";
}

impl Code {
    /// The rule written `text`, in any case.
    pub fn parse(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|c| c.as_str().eq_ignore_ascii_case(text))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
