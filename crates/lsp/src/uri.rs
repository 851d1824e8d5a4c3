//! Names that editors have for files, and paths.
//!
//! In: `file:///specs/a%20b.model`. Out: `/specs/a b.model`, and back, to the same name. A name that is no
//! file (`untitled:Untitled-1`) is its own path: nothing is read or written there.

use std::path::Path;

/// The path of a file's name; other names stay as they are.
pub fn to_path(uri: &str) -> String {
    let Some(rest) = uri.strip_prefix("file://") else { return uri.to_owned() };
    // A host before the path is not understood, so it stays a part of it: such a file is not found.
    let path = decoded(rest).replace('\\', "/");
    match path.as_bytes() {
        // `/C:/a` is `C:/a`.
        [b'/', drive, b':', ..] if drive.is_ascii_alphabetic() => path[1..].to_owned(),
        _ => path,
    }
}

/// A file's name of a path; what is no path of a file stays as it is.
pub fn from_path(path: &str) -> String {
    if !is_file(path) {
        return path.to_owned();
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("file://{slash}{}", encoded(path))
}

/// The path is one that may be read from the disk.
pub fn is_file(path: &str) -> bool {
    Path::new(path).is_absolute() || path.as_bytes().get(1..3) == Some(b":/".as_slice())
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|d| std::str::from_utf8(d).ok());
        let byte = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match byte.and_then(|d| u8::from_str_radix(d, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for (at, byte) in path.bytes().enumerate() {
        // Editors write the colon of a drive as `%3A`; within a path it may stand.
        let plain = byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=@".contains(&byte);
        if plain || (byte == b':' && at != 1) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_paths_and_back() {
        for (uri, path) in [
            ("file:///a/b.model", "/a/b.model"),
            ("file:///a%20b/%C3%A9.model", "/a b/é.model"),
            ("file:///c%3A/x.model", "c:/x.model"),
            ("untitled:Untitled-1", "untitled:Untitled-1"),
        ] {
            assert_eq!(to_path(uri), path);
            assert_eq!(to_path(&from_path(path)), path);
        }
        assert_eq!(from_path("/a b/é.model"), "file:///a%20b/%C3%A9.model");
    }

    #[test]
    fn broken_names_are_read_as_they_are() {
        assert_eq!(to_path("file:///a%2"), "/a%2");
        assert_eq!(to_path("file:///a%zz%"), "/a%zz%");
        assert_eq!(to_path("file:///%ff"), "/\u{fffd}");
        assert_eq!(to_path(""), "");
    }
}
