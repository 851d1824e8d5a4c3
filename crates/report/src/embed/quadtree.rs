//! A quadtree over points: their joint repulsion, cell by cell, as far as it is far enough.

/// A cell whose width is less than this share of its distance counts as one point: half is
/// usual, and its error is invisible in a plot.
const THETA: f64 = 0.5;

/// Beyond this depth a cell is a bag of points that are, for any plot, the same.
const DEPTH: usize = 40;

/// No child.
const NONE: u32 = u32::MAX;

struct Cell {
    /// Middle of the square and half its side.
    centre: [f64; 2],
    half: f64,
    /// Sum of its points, and how many.
    sum: [f64; 2],
    count: f64,
    /// Indices of the four quarters, or [`NONE`].
    children: [u32; 4],
    is_leaf: bool,
    /// Mean of its points, and the squared distance from which on it counts as one; known
    /// when the tree is whole.
    mean: [f64; 2],
    far: f64,
}

/// Points of the plane, by quarters.
pub(super) struct Quadtree {
    cells: Vec<Cell>,
}

impl Quadtree {
    /// A tree over finite points, inserted in order.
    pub(super) fn new(points: &[[f64; 2]]) -> Quadtree {
        let mut tree = Quadtree { cells: Vec::with_capacity(points.len() * 2) };
        let extent = points.iter().flatten().fold(1e-12_f64, |extent, x| extent.max(x.abs()));
        tree.cells.push(Cell::new([0.0; 2], extent * 1.000_001));
        for point in points {
            tree.insert(*point);
        }
        for cell in &mut tree.cells {
            cell.mean = cell.sum.map(|sum| sum / cell.count);
            let width = 2.0 * cell.half;
            cell.far = if cell.is_leaf { 0.0 } else { width * width / (THETA * THETA) };
        }
        tree
    }

    fn insert(&mut self, point: [f64; 2]) {
        let (mut at, mut depth) = (0, 0);
        loop {
            let cell = &mut self.cells[at];
            let was_empty = cell.count == 0.0;
            let old = [cell.sum[0] / cell.count.max(1.0), cell.sum[1] / cell.count.max(1.0)];
            let old_count = cell.count;
            cell.sum[0] += point[0];
            cell.sum[1] += point[1];
            cell.count += 1.0;
            if was_empty || (cell.is_leaf && (depth == DEPTH || old == point)) {
                return;
            }
            if cell.is_leaf {
                // The points that were here are one place: they move down together.
                cell.is_leaf = false;
                let child = self.child(at, old);
                self.cells[child].sum = [old[0] * old_count, old[1] * old_count];
                self.cells[child].count = old_count;
            }
            at = self.child(at, point);
            depth += 1;
        }
    }

    /// The quarter of cell `at` that holds `point`; made where it is missing.
    fn child(&mut self, at: usize, point: [f64; 2]) -> usize {
        let Cell { centre, half, children, .. } = &self.cells[at];
        let right = point[0] >= centre[0];
        let above = point[1] >= centre[1];
        let quarter = usize::from(right) + 2 * usize::from(above);
        if children[quarter] != NONE {
            return children[quarter] as usize;
        }
        let half = half / 2.0;
        let side = |is_more: bool| if is_more { half } else { -half };
        let centre = [centre[0] + side(right), centre[1] + side(above)];
        let index = self.cells.len();
        self.cells.push(Cell::new(centre, half));
        self.cells[at].children[quarter] = index as u32;
        index
    }

    /// The repulsion on `point` before it is divided by the normalizer,
    /// `Σ (y − y_j) / (1 + d²)²`, and its share of the normalizer, `Σ 1 / (1 + d²)`;
    /// the point itself does not count.
    /// `open` is a stack to work on, kept from call to call.
    pub(super) fn repulsion(&self, point: [f64; 2], open: &mut Vec<u32>) -> ([f64; 2], f64) {
        let (mut force, mut normalizer) = ([0.0; 2], 0.0);
        open.clear();
        open.push(0);
        while let Some(index) = open.pop() {
            let cell = &self.cells[index as usize];
            let d = [point[0] - cell.mean[0], point[1] - cell.mean[1]];
            let squared = d[0] * d[0] + d[1] * d[1];
            if squared < cell.far {
                open.extend(cell.children.iter().rev().filter(|&&child| child != NONE));
                continue;
            }
            // A leaf at the point's own place holds the point.
            let count = if cell.is_leaf && squared < 1e-24 { cell.count - 1.0 } else { cell.count };
            let closeness = 1.0 / (1.0 + squared);
            normalizer += count * closeness;
            force[0] += count * closeness * closeness * d[0];
            force[1] += count * closeness * closeness * d[1];
        }
        (force, normalizer)
    }
}

impl Cell {
    fn new(centre: [f64; 2], half: f64) -> Cell {
        Cell {
            centre,
            half,
            sum: [0.0; 2],
            count: 0.0,
            children: [NONE; 4],
            is_leaf: true,
            mean: [0.0; 2],
            far: 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Quadtree;

    #[test]
    fn repulsion_is_nearly_the_exact_sum() {
        let points: Vec<[f64; 2]> = (0..500)
            .map(|i| {
                let angle = f64::from(i) * 2.4;
                let radius = libm::sqrt(f64::from(i));
                [radius * libm::cos(angle), radius * libm::sin(angle)]
            })
            .chain([[1.0, 1.0]; 3])
            .collect();
        let tree = Quadtree::new(&points);
        for (i, p) in points.iter().enumerate().step_by(37).chain([(501, &points[501])]) {
            let (force, normalizer) = tree.repulsion(*p, &mut Vec::new());
            let mut exact = ([0.0; 2], 0.0);
            for (_, q) in points.iter().enumerate().filter(|(j, _)| *j != i) {
                let d = [p[0] - q[0], p[1] - q[1]];
                let closeness = 1.0 / (1.0 + d[0] * d[0] + d[1] * d[1]);
                exact.1 += closeness;
                exact.0[0] += closeness * closeness * d[0];
                exact.0[1] += closeness * closeness * d[1];
            }
            assert!((normalizer / exact.1 - 1.0).abs() < 0.02, "{normalizer} {}", exact.1);
            for (force, exact) in force.iter().zip(exact.0) {
                assert!((force - exact).abs() < 0.02 + 0.05 * exact.abs());
            }
        }
    }
}
