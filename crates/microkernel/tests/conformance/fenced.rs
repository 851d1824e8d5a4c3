//! Buffers that notice: a fenced buffer begins or ends exactly at a page that nobody may touch, and all
//! other bytes of its own pages hold a canary.
//!
//! A kernel that reads or writes past the fence stops the test with a segmentation fault; one that writes
//! on the other side is found by [`Fenced::check`]; one that reads there gets NaN, because the canary is
//! all ones. Each test therefore runs once at either [`Side`]. Outside Linux there is the canary only.

use std::ops::{Deref, DerefMut};

const PAGE: usize = 4096;
const CANARY: u8 = 0xff;

/// Where the fence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The buffer begins right after the forbidden page.
    Start,
    /// The buffer ends right before the forbidden page.
    End,
}

/// Both sides, for loops.
pub(crate) const SIDES: [Side; 2] = [Side::Start, Side::End];

/// A buffer of `len` elements with a fence.
pub(crate) struct Fenced<T> {
    pages: pages::Pages,
    /// Offset of the buffer in `pages`, a multiple of the alignment of `T`; its end is inside them.
    start: usize,
    len: usize,
    element: std::marker::PhantomData<T>,
}

impl<T: Copy> Fenced<T> {
    pub(crate) fn new(values: &[T], side: Side) -> Fenced<T> {
        let bytes = size_of_val(values);
        // A page more than needed, so that there is room for a canary.
        let mut pages = pages::Pages::new(bytes.next_multiple_of(PAGE) + PAGE);
        pages.bytes_mut().fill(CANARY);
        let start = match side {
            Side::Start => 0,
            Side::End => pages.bytes().len() - bytes,
        };
        let mut fenced = Fenced { pages, start, len: values.len(), element: std::marker::PhantomData };
        fenced.copy_from_slice(values);
        fenced
    }

    /// Panics when a byte beside the buffer has changed.
    pub(crate) fn check(&self) {
        let (before, rest) = self.pages.bytes().split_at(self.start);
        let after = &rest[self.len * size_of::<T>()..];
        assert!(before.iter().chain(after).all(|&byte| byte == CANARY), "written outside of the buffer");
    }
}

impl<T> Deref for Fenced<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY:
        // - `start` and `len` are inside the pages and aligned (see the field); every byte has been
        //   written; T is a number, for which all bytes are valid.
        unsafe { std::slice::from_raw_parts(self.pages.bytes().as_ptr().add(self.start).cast(), self.len) }
    }
}

impl<T> DerefMut for Fenced<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        let start = self.start;
        // SAFETY:
        // - As for `deref`, and `self` is borrowed alone.
        unsafe {
            std::slice::from_raw_parts_mut(self.pages.bytes_mut().as_mut_ptr().add(start).cast(), self.len)
        }
    }
}

#[cfg(target_os = "linux")]
mod pages {
    use super::PAGE;
    use std::ffi::{c_int, c_long, c_void};

    unsafe extern "C" {
        fn mmap(
            at: *mut c_void,
            len: usize,
            prot: c_int,
            flags: c_int,
            fd: c_int,
            offset: c_long,
        ) -> *mut c_void;
        fn mprotect(at: *mut c_void, len: usize, prot: c_int) -> c_int;
        fn munmap(at: *mut c_void, len: usize) -> c_int;
    }

    const PROT_NONE: c_int = 0;
    const PROT_READ_WRITE: c_int = 1 | 2;
    const MAP_PRIVATE_ANONYMOUS: c_int = 0x02 | 0x20;

    /// Whole pages between two forbidden ones.
    pub(crate) struct Pages {
        /// The first forbidden page of a mapping of `len + 2 · PAGE` bytes, ours alone.
        mapping: *mut u8,
        len: usize,
    }

    impl Pages {
        pub(crate) fn new(len: usize) -> Pages {
            // SAFETY:
            // - A new private mapping of no file touches no memory that exists; the part made readable
            //   and writable is inside it.
            unsafe {
                let at = mmap(std::ptr::null_mut(), len + 2 * PAGE, PROT_NONE, MAP_PRIVATE_ANONYMOUS, -1, 0);
                assert!(at as isize != -1, "mmap failed");
                let mapping = at.cast::<u8>();
                assert_eq!(mprotect(mapping.add(PAGE).cast(), len, PROT_READ_WRITE), 0);
                Pages { mapping, len }
            }
        }

        pub(crate) fn bytes(&self) -> &[u8] {
            // SAFETY:
            // - `len` bytes after the first page are mapped, readable, and zeroed by the system.
            unsafe { std::slice::from_raw_parts(self.mapping.add(PAGE), self.len) }
        }

        pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
            // SAFETY:
            // - As for `bytes`; they are writable, and `self` is borrowed alone.
            unsafe { std::slice::from_raw_parts_mut(self.mapping.add(PAGE), self.len) }
        }
    }

    impl Drop for Pages {
        fn drop(&mut self) {
            // SAFETY:
            // - The mapping is ours, whole, and no borrow of it is left.
            unsafe { munmap(self.mapping.cast(), self.len + 2 * PAGE) };
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod pages {
    /// Whole pages, as u64 for their alignment.
    pub(crate) struct Pages(Vec<u64>);

    impl Pages {
        pub(crate) fn new(len: usize) -> Pages {
            Pages(vec![0; len / 8])
        }

        pub(crate) fn bytes(&self) -> &[u8] {
            // SAFETY:
            // - The bytes of initialised integers.
            unsafe { std::slice::from_raw_parts(self.0.as_ptr().cast(), self.0.len() * 8) }
        }

        pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
            // SAFETY:
            // - The bytes of initialised integers, borrowed alone; all values are valid.
            unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), self.0.len() * 8) }
        }
    }
}
