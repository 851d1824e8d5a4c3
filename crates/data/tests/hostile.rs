//! No file makes the loaders panic, or take memory that a header merely claims.

mod fixtures;

use fixtures::{
    PLAIN, Writing, gzip, idx_source, images, labels, load_files, look_at, parquet, parquet_source,
    small_table,
};
use kiln_data::{Source, Split};
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use proptest::prelude::*;

/// What the files of these tests may take: they have 1 kB, and a test program 10 MB.
const MOST_KB: u64 = 200 << 10;

/// The most memory that this process ever had, in kB, where the system tells.
fn peak_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn check_peak() {
    if let Some(kb) = peak_kb() {
        assert!(kb < MOST_KB, "{kb} kB were taken");
    }
}

fn try_idx(images: Vec<u8>, labels: Vec<u8>) {
    // Whether it is data or an error: it comes back, and it is not large.
    let files = [("images", images), ("labels", labels)];
    if let Ok(looked) = look_at(&files, None) {
        assert!(looked.rows <= 1 << 16);
    }
    if let Ok(data) = load_files(Source::Idx(idx_source()), Split::All, &files) {
        assert!(data.rows <= 1 << 16);
    }
    check_peak();
}

fn try_parquet(bytes: Vec<u8>) {
    for label in [None, Some("p0")] {
        if let Ok(looked) = look_at(&[("table.parquet", bytes.clone())], label) {
            assert!(looked.values.low <= looked.values.high && looked.rows > 0);
        }
    }
    let result = load_files(Source::Parquet(parquet_source()), Split::All, &[("table.parquet", bytes)]);
    if let Ok(data) = result {
        let image = &data.fields[0];
        assert!((0..data.rows).all(|row| (0..image.cols).all(|col| image.value(row, col).is_finite())));
    }
    check_peak();
}

/// One slip of a file: bytes changed, cut or put in.
#[derive(Clone, Debug)]
enum Slip {
    Set(prop::sample::Index, u8),
    Cut(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    End(prop::sample::Index),
}

fn slip() -> impl Strategy<Value = Slip> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        8 => (at(), any::<u8>()).prop_map(|(at, byte)| Slip::Set(at, byte)),
        // Long varints: the numbers that headers claim.
        3 => (at(), Just(vec![0xFF, 0xFF, 0xFF, 0xFF, 0x0F])).prop_map(|(at, bytes)| Slip::Insert(at, bytes)),
        1 => (at(), any::<u8>()).prop_map(|(at, n)| Slip::Cut(at, n)),
        1 => (at(), prop::collection::vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Slip::Insert(at, bytes)),
        1 => at().prop_map(Slip::End),
    ]
}

fn slipped(mut file: Vec<u8>, slips: &[Slip]) -> Vec<u8> {
    for slip in slips {
        if file.is_empty() {
            break;
        }
        match slip {
            Slip::Set(at, byte) => *at.get_mut(&mut file) = *byte,
            Slip::Cut(at, n) => {
                let at = at.index(file.len());
                file.drain(at..(at + usize::from(*n)).min(file.len()));
            }
            Slip::Insert(at, bytes) => {
                let at = at.index(file.len());
                file.splice(at..at, bytes.iter().copied());
            }
            Slip::End(at) => file.truncate(at.index(file.len())),
        }
    }
    file
}

fn writing() -> impl Strategy<Value = Writing> {
    let codecs = vec![
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
    ];
    (prop::sample::select(codecs), any::<bool>(), any::<bool>())
        .prop_map(|(codec, second_version, dictionary)| Writing { codec, second_version, dictionary })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), head in 0usize..5) {
        let heads: [&[u8]; 5] = [b"", b"\0\0\x08\x03", b"\0\0\x08\x01", b"\x1F\x8B\x08\0", b"PAR1"];
        let mut file = [heads[head], &bytes].concat();
        try_idx(file.clone(), labels());
        try_idx(images(), file.clone());
        if head == 4 {
            file.extend([100, 0, 0, 0]);
            file.extend(b"PAR1");
        }
        try_parquet(file);
    }

    #[test]
    fn slips_in_idx(slips in prop::collection::vec(slip(), 1..4), packed: bool) {
        let pack = |file: Vec<u8>| if packed { gzip(&file) } else { file };
        try_idx(slipped(pack(images()), &slips), labels());
        try_idx(pack(images()), slipped(pack(labels()), &slips));
        // Within the packing, where its checksum is right.
        try_idx(gzip(&slipped(images(), &slips)), labels());
    }

    #[test]
    fn slips_in_parquet(slips in prop::collection::vec(slip(), 1..4), writing in writing()) {
        try_parquet(slipped(parquet(&small_table(), 1, writing), &slips));
    }

    #[test]
    fn slips_in_the_footer(slips in prop::collection::vec(slip(), 1..4)) {
        // The body and the length at the end stay right, so that the slip reaches the parser.
        let file = parquet(&small_table(), 1, PLAIN);
        let (body, tail) = file.split_at(file.len() - 8);
        let length = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]) as usize;
        let (body, footer) = body.split_at(body.len() - length);
        let footer = slipped(footer.to_vec(), &slips);
        try_parquet([body, &footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat());
    }
}

#[test]
fn a_gzip_bomb_is_not_unpacked_beyond_its_header() {
    // 4 GB of zeros are announced and 1 MB is there.
    let mut short = fixtures::idx(&[u32::MAX, 1, 1], &[]);
    short.resize(1 << 20, 0);
    try_idx(gzip(&short), labels());
    // 30 bytes are announced, and 400 MB more follow: 2 MB, packed.
    let million = gzip(&vec![0; 1 << 20]);
    let mut long = gzip(&images());
    (0..400).for_each(|_| long.extend(&million));
    try_idx(long, labels());
}

#[test]
fn nested_groups_do_not_overflow_the_stack() {
    // A schema of groups within groups, 100,000 deep: {1: version, 2: [{4: name, 5: 1 child} …]}.
    let mut footer = vec![0x15, 2, 0x19, 0xFC, 0xA0, 0x8D, 0x06];
    for _ in 0..100_000 {
        footer.extend([0x35, 0, 0x18, 1, b'g', 0x15, 2, 0]);
    }
    footer.extend([0x16, 0, 0x19, 0x0C, 0]);
    let length = (footer.len() as u32).to_le_bytes();
    let file = [b"PAR1".as_slice(), &footer, &length, b"PAR1"].concat();
    let said = load_files(Source::Parquet(parquet_source()), Split::All, &[("table.parquet", file)]);
    assert_eq!(said.expect_err("an error"), "table.parquet is damaged: its footer is not well-formed");
}
