//! Did you mean …?

/// The candidate nearest to `word`, where one is near enough to be what was meant.
pub fn suggest<'a>(_word: &str, _candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    None
}
