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
    /// A file is missing or cannot be opened.
    FileNotFound = "E0001";
    /// A file is not UTF-8 text.
    NotUtf8 = "E0002";
    /// A file is larger than a spec may be.
    FileTooLarge = "E0003";
    /// A file named by `use` cannot be read.
    IncludeMissing = "E0010";
    /// A file uses itself, by way of others or directly.
    IncludeCycle = "E0011";
    /// Files use each other too deeply, or there are too many.
    IncludeDepth = "E0012";

    /// Something else was expected here.
    Syntax = "E0100";
    /// A bracket, brace or string is never closed.
    Unclosed = "E0101";
    /// Not a number.
    BadNumber = "E0102";
    /// Brackets or arithmetic are nested too deep.
    NestingTooDeep = "E0103";
    /// `\` and something that it does not escape.
    BadEscape = "E0104";
    /// A statement in a place where another kind belongs.
    Misplaced = "E0105";
    /// Written for a newer version of the language.
    LanguageVersion = "E0106";
    /// No value of the model has this name.
    UnknownName = "E0200";
    /// There is no layer or block of this name.
    UnknownLayer = "E0201";
    /// The library has no activation, loss, optimizer … of this name.
    UnknownItem = "E0202";
    /// Two things have the same name.
    DuplicateName = "E0203";
    /// A value is used above the line that makes it.
    UsedBeforeDefined = "E0204";
    /// An item of another kind is needed here.
    WrongItem = "E0205";
    /// There is no model of this name.
    UnknownModel = "E0206";
    /// There is no data set of this name.
    UnknownData = "E0207";
    /// There is no model to train.
    NoModel = "E0208";
    /// There are several models, and none is chosen.
    AmbiguousModel = "E0209";
    /// There are several data sets, and none is chosen.
    AmbiguousData = "E0210";
    /// A block contains itself.
    BlockCycle = "E0211";
    /// Something else stands where a tensor is needed.
    NotATensor = "E0212";
    /// A stack or a block has no layers.
    EmptyStack = "E0213";
    /// There is no data set to train on.
    NoData = "E0214";
    /// Values are made from each other in a circle.
    ValueCycle = "E0215";
    /// A layer cannot take what flows into it.
    LayerShape = "E0300";
    /// An extent is not a whole number from 1 up.
    BadExtent = "E0301";
    /// A tied kernel has another shape.
    TieShape = "E0302";
    /// Ties lead back to where they began.
    TieCycle = "E0303";
    /// A tie to a layer that has no kernel.
    TieNoKernel = "E0304";
    /// A tie must name a layer.
    TieTarget = "E0305";
    /// A layer takes more or fewer inputs.
    InputCount = "E0306";
    /// Blocks, stacks or values are nested too deeply, or there are too many layers.
    TooDeep = "E0307";
    /// The model has more parameters than fit in memory.
    TooLarge = "E0308";
    /// The item has no argument of this name.
    UnknownArgument = "E0400";
    /// A required argument is missing.
    MissingArgument = "E0401";
    /// An argument is given twice.
    DuplicateArgument = "E0402";
    /// The value is of another kind.
    WrongKind = "E0403";
    /// A number is outside the range of its argument.
    OutOfRange = "E0404";
    /// More arguments than the item takes.
    TooManyArguments = "E0405";
    /// The word is not one that the argument allows.
    UnknownWord = "E0406";
    /// Arithmetic that has no result.
    BadArithmetic = "E0407";
    /// The model has no loss.
    NoLoss = "E0500";
    /// A head has two losses.
    SecondLoss = "E0501";
    /// A loss does not say what it compares with.
    LossWithoutTarget = "E0502";
    /// A loss compares with a target of another kind.
    LossTargetKind = "E0503";
    /// A head and its target differ in size.
    LossTargetShape = "E0504";
    /// A loss's weight is no number, ramp or `learned`.
    BadWeight = "E0505";
    /// A metric's head has no loss, so there is nothing to compare with.
    HeadWithoutLoss = "E0506";
    /// A metric does not apply to this head's target.
    MetricTargetKind = "E0507";
    /// A metric is listed twice for one head.
    DuplicateMetric = "E0508";
    /// `train` or `data` has no key of this name.
    UnknownKey = "E0600";
    /// A key is given twice.
    DuplicateKey = "E0601";
    /// A required key is missing.
    MissingKey = "E0602";
    /// A key's value is of another kind, or out of range.
    BadValue = "E0603";
    /// `train`, `report` or `title` stands twice in one file.
    DuplicateSection = "E0604";
    /// There is nothing to train by.
    NoTrain = "E0605";
    /// This cannot be swept.
    SweepNotHere = "E0606";
    /// A sweep over nothing.
    SweepEmpty = "E0607";
    /// The sweeps multiply to too many runs.
    TooManyRuns = "E0608";
    /// A sweep within a sweep.
    NestedSweep = "E0609";
    /// There is no data source, or split, of this name.
    UnknownSource = "E0610";
    /// The classes are no list or range.
    BadClasses = "E0611";
    /// The parts of a split do not add up.
    BadSplit = "E0612";
    /// A field is not made from `pixels` or `class`.
    BadField = "E0613";
    /// The data set has no field for an input or target of the model.
    MissingField = "E0614";
    /// A field and the input or target that reads it differ in size.
    FieldShape = "E0615";
    /// A class label is read as numbers, or numbers as a class label.
    FieldKind = "E0616";
    /// There is nothing of this name to monitor.
    UnknownMonitor = "E0617";
    /// `split = given`, but no test files are given.
    NoTestFiles = "E0618";
    /// `--set` names nothing that can be set.
    BadOverride = "E0619";
    /// A data file contradicts the spec.
    DataContradiction = "E0620";
    /// There is no report section of this name.
    UnknownSection = "E0700";
    /// A report section does not apply here.
    SectionHead = "E0701";
    /// A layer's output is never used.
    UnusedLayer = "W0001";
    /// An input or target is never used.
    UnusedInput = "W0002";
    /// A parameter is never used.
    UnusedParameter = "W0003";
    /// A head ends in dropout.
    DropoutLast = "W0004";
    /// A learning rate above 1.
    HighRate = "W0005";
    /// A loss reads a head whose activation does not suit it.
    OutputActivation = "W0006";
    /// The batch is larger than the training data.
    BatchOverData = "W0007";
    /// A model, block or data set of the main file is never used.
    UnusedItem = "W0008";
    /// A sweep over one value.
    SweepOfOne = "W0009";
    /// A loss has the weight 0.
    ZeroWeight = "W0010";
    /// A head cannot reach what it is compared with.
    OutOfReach = "W0011";
    /// A metric that is always 1.
    TrivialMetric = "W0012";
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        for (i, code) in Code::ALL.iter().enumerate() {
            let text = code.as_str();
            let (letter, digits) = text.split_at(1);
            assert!(letter == "E" || letter == "W", "{text}");
            assert!(digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()), "{text}");
            let same = Code::ALL.iter().position(|c| c.as_str() == text);
            assert_eq!(same, Some(i), "{text} is given twice");
            assert_eq!(Code::parse(&text.to_lowercase()), Some(*code));
        }
        assert_eq!(Code::parse("E9999"), None);
    }

    #[test]
    fn every_code_has_a_page_that_says_what_and_shows_it() {
        for code in Code::ALL {
            let page = code.page();
            let heading = format!("# {code}: ");
            assert!(page.starts_with(&heading), "{code}: the page must begin with `{heading}`");
            assert!(page.lines().count() >= 5, "{code}: the page explains nothing");
            assert!(page.ends_with('\n'), "{code}: the page must end with a newline");
        }
    }
}
