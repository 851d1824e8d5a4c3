//! The nearest rows of every row, by squared distance.
//!
//! All pairs are compared: a few thousand rows take a fraction of a second, and an approximate index would need
//! random numbers of its own. Rows are shared among threads; each one's list depends on nothing else.

/// Some rows, nearest first, with their squared distances.
pub(super) type Neighbours = Vec<(usize, f64)>;

/// For each row of `code` (`[n, columns]`, row-major) the `count` nearest other rows; equally near ones in their
/// order. A row with a number that is not finite is far from everything.
pub(super) fn nearest(code: &[f32], columns: usize, count: usize, threads: usize) -> Vec<Neighbours> {
    if columns == 0 || code.len() < columns {
        return Vec::new();
    }
    let rows: Vec<&[f32]> = code.chunks_exact(columns).collect();
    let rows = rows.as_slice();
    let chunk = rows.len().div_ceil(threads.max(1));
    std::thread::scope(|scope| {
        let starts = (0..rows.len()).step_by(chunk);
        let workers: Vec<_> = starts
            .map(|start| start..rows.len().min(start + chunk))
            .map(|part| scope.spawn(move || part.map(|i| of_row(rows, i, count)).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    })
}

/// As many threads as there are processors, fewer where the rows are few.
pub(super) fn threads(rows: usize) -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get()).min(rows / 256 + 1)
}

fn of_row(rows: &[&[f32]], i: usize, count: usize) -> Neighbours {
    let distance = |j: usize| {
        let sum: f32 = rows[i].iter().zip(rows[j]).map(|(a, b)| (a - b) * (a - b)).sum();
        if sum.is_finite() { f64::from(sum) } else { f64::MAX }
    };
    let mut all: Neighbours = (0..rows.len()).filter(|&j| j != i).map(|j| (j, distance(j))).collect();
    let order = |a: &(usize, f64), b: &(usize, f64)| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0));
    if count < all.len() {
        all.select_nth_unstable_by(count, order);
        all.truncate(count);
    }
    all.sort_by(order);
    all
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_come_first_for_any_number_of_threads() {
        let code: Vec<f32> = (0..50).map(|i| (i * 17 % 50) as f32).collect();
        let lists = nearest(&code, 1, 4, 1);
        let distances = |list: &[(usize, f64)]| list.iter().map(|&(_, d)| d).collect::<Vec<_>>();
        assert_eq!(distances(&lists[7]), [1.0, 1.0, 4.0, 4.0]);
        for threads in [0, 2, 3, 7, 200] {
            assert_eq!(nearest(&code, 1, 4, threads), lists);
        }
        assert_eq!(nearest(&[], 4, 4, 2).len(), 0);
        assert_eq!(nearest(&[1.0], 0, 4, 2).len(), 0);
        assert_eq!(nearest(&[1.0, f32::NAN], 1, 4, 2)[0], [(1, f64::MAX)]);
    }
}
