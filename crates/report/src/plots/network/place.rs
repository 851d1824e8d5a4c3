//! Where parts stand: ranks from the top down, places within a rank, lanes beside them.
//!
//! A part's rank is one more than the largest of what it reads (an input stands just above its first
//! reader). Within a rank, parts are ordered by the middle of their neighbours and then moved as near to
//! it as the others let them: the nearest places in order are a monotone regression, solved by pooling
//! ([`nearest_in_order`]). Shared kernels run in lanes on the right, the short ones inside; arrows that
//! would cross a part run in lanes on the left.

use super::parts::Part;

/// Sizes in pixels.
pub(super) const NAME: i32 = 17;
pub(super) const DETAIL: i32 = 14;
const MARGIN: i32 = 14;
const TALL: i32 = 50;
const COMPACT: i32 = 28;
/// Between ranks: an arrow and the shape beside it.
pub(super) const GAP: i32 = 36;
/// Between a part and the compact one that hangs on it.
const HANG: i32 = 5;
/// Between parts of a rank.
const BESIDE: i32 = 36;
/// Around a stack: at its sides, and above for its name.
pub(super) const PAD: i32 = 12;
const LABEL: i32 = 26;
/// Between lanes.
const LANE: i32 = 16;
/// Rounds of ordering and moving, downward and upward in turn; small graphs settle in three or four. The
/// last one goes down, so that what hangs on a part stands under it.
const ROUNDS: usize = 9;

/// Where a part stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) rank: usize,
    /// Its middle.
    pub(super) x: i32,
    /// Its upper edge.
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// A stack's frame: left, top, right, bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) name: String,
    pub(super) corners: [i32; 4],
}

/// An edge that runs beside the parts: from, to, and the lane's x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beside {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) x: i32,
}

/// Everything's place.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) places: Vec<Place>,
    pub(super) frames: Vec<Frame>,
    /// Shared kernels, on the right.
    pub(super) ties: Vec<Beside>,
    /// Arrows past other parts, on the left.
    pub(super) past: Vec<Beside>,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Places every part.
pub(super) fn place(parts: &[Part]) -> Plan {
    let ranks = ranks(parts);
    let rows = rows(&ranks);
    let mut places = sized(parts, &ranks);
    let (order, centers) = across(parts, &rows, &places);
    for (part, center) in order.iter().flatten().zip(centers.iter().flatten()) {
        places[*part].x = center.round() as i32;
    }
    down(parts, &rows, &mut places);
    let frames = frames(parts, &places);
    let mut plan = Plan { places, frames, ..Plan::default() };
    plan.run_lanes(parts);
    plan.move_in();
    plan
}

/// The rank of each part.
fn ranks(parts: &[Part]) -> Vec<usize> {
    let mut ranks = vec![0; parts.len()];
    for (at, part) in parts.iter().enumerate() {
        ranks[at] = part.reads.iter().map(|&read| ranks[read] + 1).max().unwrap_or(0);
    }
    // An input of a later part stands just above it.
    for (at, part) in parts.iter().enumerate() {
        if part.reads.is_empty() {
            let readers = parts.iter().enumerate().filter(|(_, reader)| reader.reads.contains(&at));
            ranks[at] = readers.map(|(reader, _)| ranks[reader] - 1).min().unwrap_or(0);
        }
    }
    ranks
}

/// The parts of each rank, in their own order.
fn rows(ranks: &[usize]) -> Vec<Vec<usize>> {
    let mut rows = vec![Vec::new(); ranks.iter().max().map_or(0, |rank| rank + 1)];
    for (part, &rank) in ranks.iter().enumerate() {
        rows[rank].push(part);
    }
    rows
}

/// Parts with their sizes: all as wide as the widest, which makes columns.
fn sized(parts: &[Part], ranks: &[usize]) -> Vec<Place> {
    let words = |part: &Part| {
        // A little wider than a common font needs: whose font it will be is not known.
        let name = part.name.chars().count() as i32 * NAME * 60 / 100;
        let detail = part.detail.chars().count() as i32 * DETAIL * 55 / 100;
        if part.is_compact { name + detail + 10 } else { name.max(detail) }
    };
    let width = parts.iter().map(words).max().unwrap_or(0).max(120) + 24;
    let height = |part: &Part| if part.is_compact { COMPACT } else { TALL };
    let place = |(part, &rank): (&Part, &usize)| Place { rank, x: 0, y: 0, width, height: height(part) };
    parts.iter().zip(ranks).map(place).collect()
}

/// The parts of each rank from the left, and their middles.
fn across(parts: &[Part], rows: &[Vec<usize>], places: &[Place]) -> (Vec<Vec<usize>>, Vec<Vec<f64>>) {
    let mut readers = vec![Vec::new(); parts.len()];
    for (at, part) in parts.iter().enumerate() {
        part.reads.iter().for_each(|&read| readers[read].push(at));
    }
    let mut x = vec![0.0; parts.len()];
    let mut order: Vec<Vec<usize>> = rows.to_vec();
    for round in 0..ROUNDS {
        let downward = round % 2 == 0;
        let ranks: Vec<usize> =
            if downward { (0..rows.len()).collect() } else { (0..rows.len()).rev().collect() };
        for rank in ranks {
            let near =
                |part: usize| -> &[usize] { if downward { &parts[part].reads } else { &readers[part] } };
            let wish = |part: usize, x: &[f64]| match near(part) {
                [] => x[part],
                near => near.iter().map(|&other| x[other]).sum::<f64>() / near.len() as f64,
            };
            let row = &mut order[rank];
            row.sort_by(|&a, &b| wish(a, &x).total_cmp(&wish(b, &x)));
            let wishes: Vec<f64> = row.iter().map(|&part| wish(part, &x)).collect();
            let apart: Vec<f64> =
                row.windows(2).map(|pair| distance(parts, places, pair[0], pair[1])).collect();
            for (&part, center) in row.iter().zip(nearest_in_order(&wishes, &apart)) {
                x[part] = center;
            }
        }
    }
    let centers = order.iter().map(|row| row.iter().map(|&part| x[part]).collect()).collect();
    (order, centers)
}

/// The least distance between the middles of neighbours.
fn distance(parts: &[Part], places: &[Place], left: usize, right: usize) -> f64 {
    let stacks = parts[left].stacks.len() + parts[right].stacks.len();
    f64::from((places[left].width + places[right].width) / 2 + BESIDE) + stacks as f64 * f64::from(PAD)
}

/// The places nearest to the wishes, in the least squares, that keep the order and the distances.
fn nearest_in_order(wishes: &[f64], apart: &[f64]) -> Vec<f64> {
    // Without the distances the places must not fall: neighbours that would are pooled at their mean.
    let mut offset = 0.0;
    let offsets: Vec<f64> = std::iter::once(0.0)
        .chain(apart.iter().map(|gap| {
            offset += gap;
            offset
        }))
        .collect();
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (wish, offset) in wishes.iter().zip(&offsets) {
        let mut pool = (wish - offset, 1);
        while let Some(&(mean, count)) = pools.last().filter(|(mean, _)| *mean > pool.0) {
            pools.pop();
            let all = count + pool.1;
            pool = ((mean * count as f64 + pool.0 * pool.1 as f64) / all as f64, all);
        }
        pools.push(pool);
    }
    let means = pools.into_iter().flat_map(|(mean, count)| std::iter::repeat_n(mean, count));
    means.zip(offsets).map(|(mean, offset)| mean + offset).collect()
}

/// Upper edges, rank by rank.
fn down(parts: &[Part], rows: &[Vec<usize>], places: &mut [Place]) {
    let mut y = 0;
    for row in rows {
        let hangs = row.iter().all(|&part| parts[part].is_compact);
        let begins = row.iter().map(|&part| opened(parts, part)).max().unwrap_or(0);
        let ends = row.iter().map(|&part| closed(parts, part)).max().unwrap_or(0);
        y += begins as i32 * LABEL + ends as i32 * PAD;
        if y > 0 {
            y += if hangs { HANG } else { GAP };
        }
        let height = row.iter().map(|&part| places[part].height).max().unwrap_or(0);
        row.iter().for_each(|&part| places[part].y = y);
        y += height;
    }
}

/// Stacks that begin with this part: it is not in the same ones as what it reads.
fn opened(parts: &[Part], part: usize) -> usize {
    let own = &parts[part].stacks;
    let shared = |read: usize| own.iter().zip(&parts[read].stacks).take_while(|(a, b)| a == b).count();
    own.len() - parts[part].reads.iter().map(|&read| shared(read)).min().unwrap_or(0)
}

/// Stacks that end above this part.
fn closed(parts: &[Part], part: usize) -> usize {
    let own = &parts[part].stacks;
    let left = |read: usize| {
        let stacks = &parts[read].stacks;
        stacks.len() - own.iter().zip(stacks).take_while(|(a, b)| a == b).count()
    };
    parts[part].reads.iter().map(|&read| left(read)).max().unwrap_or(0)
}

/// A frame around each stack, outer ones first; none where a part of no such stack would be in it.
fn frames(parts: &[Part], places: &[Place]) -> Vec<Frame> {
    let mut paths: Vec<&[String]> = Vec::new();
    for part in parts {
        for depth in 1..=part.stacks.len() {
            if !paths.contains(&&part.stacks[..depth]) {
                paths.push(&part.stacks[..depth]);
            }
        }
    }
    // Inner ones first: an outer frame goes around them. Outer ones are drawn first.
    paths.sort_by_key(|path| std::cmp::Reverse(path.len()));
    let mut frames: Vec<(&[String], [i32; 4])> = Vec::new();
    for path in paths {
        let inner = frames.iter().filter(|(other, _)| other.starts_with(path)).map(|(_, corners)| *corners);
        let within = parts.iter().zip(places).filter(|(part, _)| part.stacks.starts_with(path));
        let all = within.map(|(_, place)| place.corners()).chain(inner);
        let [left, top, right, bottom] = around(all);
        frames.push((path, [left - PAD, top - LABEL, right + PAD, bottom + PAD]));
    }
    frames.retain(|(path, corners)| !has_strays(parts, places, path, *corners));
    let frame = |(path, corners): (&[String], [i32; 4])| Frame {
        name: path.last().cloned().unwrap_or_default(),
        corners,
    };
    frames.into_iter().rev().map(frame).collect()
}

/// Whether a part of no such stack would be in its frame.
fn has_strays(parts: &[Part], places: &[Place], path: &[String], corners: [i32; 4]) -> bool {
    let [left, top, right, bottom] = corners;
    parts.iter().zip(places).filter(|(part, _)| !part.stacks.starts_with(path)).any(|(_, place)| {
        let [l, t, r, b] = place.corners();
        l < right && r > left && t < bottom && b > top
    })
}

/// The smallest corners around others: left, top, right, bottom.
fn around(all: impl Iterator<Item = [i32; 4]>) -> [i32; 4] {
    all.fold([i32::MAX, i32::MAX, i32::MIN, i32::MIN], |[left, top, right, bottom], [l, t, r, b]| {
        [left.min(l), top.min(t), right.max(r), bottom.max(b)]
    })
}

impl Place {
    /// Left, top, right, bottom.
    pub(super) fn corners(&self) -> [i32; 4] {
        [self.x - self.width / 2, self.y, self.x + self.width / 2, self.y + self.height]
    }

    pub(super) fn middle(&self) -> i32 {
        self.y + self.height / 2
    }
}

impl Plan {
    /// Lanes of shared kernels, and of arrows that would cross a part.
    fn run_lanes(&mut self, parts: &[Part]) {
        let [left, _, right, _] = self.corners();
        let ties = parts.iter().enumerate().filter_map(|(to, part)| Some((part.tie?, to)));
        self.ties = self.lanes(ties.collect(), right + LANE, LANE);
        let edges =
            parts.iter().enumerate().flat_map(|(to, part)| part.reads.iter().map(move |&from| (from, to)));
        let past = edges.filter(|&(from, to)| self.is_crossed(from, to));
        self.past = self.lanes(past.collect(), left - LANE, -LANE);
    }

    /// The first lane that is free between the ends, the short edges first.
    fn lanes(&self, mut edges: Vec<(usize, usize)>, first: i32, step: i32) -> Vec<Beside> {
        let span = |&(from, to): &(usize, usize)| [self.places[from].y, self.places[to].y];
        edges.sort_by_key(|edge| (span(edge)[1] - span(edge)[0], span(edge)[0]));
        let mut lanes: Vec<Vec<[i32; 2]>> = Vec::new();
        let mut beside = Vec::new();
        for edge in edges {
            let [top, bottom] = span(&edge);
            let is_free =
                |lane: &Vec<[i32; 2]>| lane.iter().all(|taken| taken[1] <= top || taken[0] >= bottom);
            // A longer edge around a shorter one must run outside of it.
            let inner = lanes.iter().rposition(|lane| lane.iter().any(|t| t[0] >= top && t[1] <= bottom));
            let from = inner.map_or(0, |lane| lane + 1);
            let lane = (from..lanes.len()).find(|&lane| is_free(&lanes[lane])).unwrap_or(lanes.len());
            if lane == lanes.len() {
                lanes.push(Vec::new());
            }
            lanes[lane].push([top, bottom]);
            beside.push(Beside { from: edge.0, to: edge.1, x: first + step * lane as i32 });
        }
        beside
    }

    /// Whether the curve of an arrow would cross a part.
    fn is_crossed(&self, from: usize, to: usize) -> bool {
        let (a, b) = (self.places[from], self.places[to]);
        let between = |place: &&Place| place.rank > a.rank && place.rank < b.rank;
        let crosses = |place: &Place| {
            let [left, top, right, bottom] = place.corners();
            (top..=bottom).step_by(4).any(|y| {
                let x = super::draw::curve_x(&a, &b, y);
                x > f64::from(left - 6) && x < f64::from(right + 6)
            })
        };
        self.places.iter().filter(between).any(crosses)
    }

    /// The smallest corners around all parts and frames.
    fn corners(&self) -> [i32; 4] {
        around(self.places.iter().map(Place::corners).chain(self.frames.iter().map(|f| f.corners)))
    }

    /// Moves everything so that it begins at the margin, and measures it.
    fn move_in(&mut self) {
        let [left, top, right, bottom] = self.corners();
        let left = self.past.iter().map(|edge| edge.x).fold(left, i32::min);
        let right = self.ties.iter().map(|edge| edge.x).fold(right, i32::max);
        let (dx, dy) = (MARGIN - left, MARGIN - top);
        for place in &mut self.places {
            place.x += dx;
            place.y += dy;
        }
        for frame in &mut self.frames {
            let [l, t, r, b] = frame.corners;
            frame.corners = [l + dx, t + dy, r + dx, b + dy];
        }
        self.ties.iter_mut().chain(&mut self.past).for_each(|edge| edge.x += dx);
        let legend = if self.ties.is_empty() { 0 } else { GAP };
        (self.width, self.height) = (right + dx + MARGIN, bottom + dy + MARGIN + legend);
    }
}
